import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { auditMiddleware } from '../../../index';
import { MemoryStore } from '../../../models/memory/memory-store';
import { EXPRESSES } from '../../support/served';
import { testLedger } from '../../support/served-ledger';

type Inject = (app: unknown, options: object) => Promise<{ statusCode: number; payload: string }>;

const inject = jest.requireActual<Inject>('light-my-request');

// In a file of its own: it leaves Express's prototypes so that no server can use them any more.
describe.each(EXPRESSES)('light-my-request with %s', (_name, express) => {
  it('is answered after HTTP/1, and what it had is known', async () => {
    const { audit, recorded } = testLedger(new MemoryStore());
    const app = express();
    app.use(auditMiddleware({ audit, identify: () => ({ actor: 'ada', tenantId: 'acme' }) }));
    app.get('/pieces.csv', (_req, res) => {
      res.write('id,');
      res.end('name');
    });
    app.get('/whole.csv', (_req, res) => void res.type('csv').send('id,name'));
    app.get('/no', (_req, res) => void res.sendStatus(401));

    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const [answer] = (await once(get({ port, path: '/whole.csv', agent: false }), 'response')) as [
      IncomingMessage,
    ];
    answer.resume();
    await once(answer, 'end');
    await recorded.first(1);
    server.close();
    await once(server, 'close');

    for (const url of ['/pieces.csv', '/whole.csv']) {
      const { statusCode, payload } = await inject(app, { method: 'GET', url });
      expect([statusCode, payload]).toEqual([200, 'id,name']);
    }
    expect((await inject(app, { method: 'GET', url: '/no' })).statusCode).toBe(401);
    const whole = ['data.export', { method: 'GET', responseSize: 7 }];
    const entries = await recorded.first(4);
    expect(entries.map(({ action, metadata }) => [action, metadata])).toEqual([
      whole,
      whole,
      whole,
      ['auth.unauthorized_access', undefined],
    ]);
  });
});
