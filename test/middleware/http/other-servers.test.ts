import { once } from 'node:events';
import { createServer, type IncomingMessage, request, ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect as dial, type Socket } from 'node:net';
import express, { type Express, type RequestHandler } from 'express';
import { auditMiddleware } from '../../../index';
import { atEnd } from '../../support/at-end';
import { MemoryStore } from '../../../models/memory/memory-store';
import { EXPRESSES } from '../../support/served';
import { type TestLedger, testLedger } from '../../support/served-ledger';

const serverless =
  jest.requireActual<
    (app: unknown) => (event: object, context: object) => Promise<{ statusCode: number; body: string }>
  >('serverless-http');

const identify = () => ({ actor: 'ada', tenantId: 'acme' });

function applicationOn({ audit }: TestLedger, make: typeof express = express): Express {
  const app = make();
  app.set('env', 'test');
  app.use(auditMiddleware({ audit, identify, capture: { requests: true } }));
  app.get('/file.csv', (_req, res) => {
    res.write('id,');
    res.end('name');
  });
  app.get('/whole.csv', (_req, res) => void res.type('csv').send('id,name'));
  app.get('/no', (_req, res) => void res.sendStatus(401));
  return app;
}

/** What was captured, in few words. */
async function captured({ recorded }: TestLedger, count: number): Promise<unknown[]> {
  const entries = await recorded.first(count);
  return entries.map(({ action, outcome, metadata }) => [action, outcome, ...(metadata ? [metadata] : [])]);
}

const whole = (method = 'GET') => [
  ['http.request', 'success'],
  ['data.export', 'success', { method, responseSize: 7 }],
];
const refused = [
  ['http.request', 'denied'],
  ['auth.unauthorized_access', 'denied'],
];

describe.each(EXPRESSES)('%s behind other servers', (_name, make) => {
  const store = new MemoryStore();
  let ledger: TestLedger;
  let app: Express;
  beforeEach(() => {
    ledger = testLedger(store);
    app = applicationOn(ledger, make);
  });

  /** The first request of the process, over HTTP/1: what it leaves behind must not harm the others. */
  async function getOverHttp1(path: string): Promise<void> {
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const outgoing = request({ port: (server.address() as AddressInfo).port, path, agent: false }).end();
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    server.close();
  }

  it.each(['/file.csv', '/whole.csv'])('answers serverless-http, and knows how much: %s', async (path) => {
    await getOverHttp1(path);
    const handle = serverless(app);
    const event = (url: string) => ({ httpMethod: 'GET', path: url, headers: {}, requestContext: {} });
    expect(await handle(event(path), {})).toMatchObject({ statusCode: 200, body: 'id,name' });
    expect(await handle(event('/no'), {})).toMatchObject({ statusCode: 401 });
    expect(await captured(ledger, 6)).toEqual([...whole(), ...whole(), ...refused]);
  });

  it('works for a request made by a program, without a socket', async () => {
    const ask = (url: unknown) => {
      const req = { method: 'GET', url: '/no', headers: {} };
      const res = new ServerResponse(req as IncomingMessage);
      (app as never as { handle(...args: unknown[]): void }).handle(
        Object.assign(req, { originalUrl: url }),
        res,
      );
      return res.statusCode;
    };
    expect([ask('/no'), ask(undefined), ask({ no: 'text' })]).toEqual([401, 401, 401]);
    expect(await captured(ledger, 6)).toEqual([...refused, ...refused, ...refused]);
  });

  it('records a WebSocket handshake that is refused', async () => {
    const server = createServer(app).listen(0, '127.0.0.1');
    atEnd(() => server.close());
    server.on('upgrade', (req, socket) => {
      const res = new ServerResponse(req);
      res.on('error', () => undefined);
      app(req as never, res as never);
      socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
    });
    await once(server, 'listening');
    const client = dial((server.address() as AddressInfo).port, '127.0.0.1');
    client.write('GET /no HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    client.resume();
    await once(client, 'close');
    const entries = await captured(ledger, 2);
    expect(entries.map((entry) => (entry as unknown[])[0])).toEqual([
      'http.request',
      'auth.unauthorized_access',
    ]);
  });

  describe('when the client hangs up while an earlier request of its connection is answered', () => {
    it.each<[string, RequestHandler, string]>([
      ['a refusal', (_req, res) => void res.sendStatus(403), 'auth.unauthorized_access'],
      ['an export', (_req, res) => void res.attachment('x').send('abc'), 'data.export'],
    ])('records %s in the queue behind it', async (_what, handler, action) => {
      const own = testLedger(store);
      const it = make().use(auditMiddleware({ audit: own.audit, identify }));
      let ran = 0;
      it.get('/slow', (_req, res) => void res.write('begun'));
      it.get('/queued', (req, res, next) => {
        ran++;
        return handler(req, res, next);
      });
      const server = createServer(it).listen(0, '127.0.0.1');
      atEnd(() => server.close());
      await once(server, 'listening');
      const client = dial((server.address() as AddressInfo).port, '127.0.0.1');
      const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
      client.write(ask('/slow') + ask('/queued') + ask('/queued'));
      await once(client, 'data');
      client.destroy();
      const entries = await own.recorded.first(2);
      expect(ran).toBe(2);
      for (const entry of entries) expect(entry).toMatchObject({ action, metadata: { completed: false } });
    });

    it('warns of nothing, however many there are', async () => {
      const warnings: Error[] = [];
      const listen = (warning: Error) => warnings.push(warning);
      process.on('warning', listen);
      atEnd(() => process.off('warning', listen));
      const server = createServer(app).listen(0, '127.0.0.1');
      atEnd(() => server.close());
      await once(server, 'listening');
      const client = dial((server.address() as AddressInfo).port, '127.0.0.1');
      client.resume().write('GET /no HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(40));
      await ledger.recorded.first(50); // 40 requests, 10 refusals
      client.destroy();
      await once(client, 'close');
      expect(warnings).toEqual([]);
    });
  });
});

describe('Express 4 over HTTP/2', () => {
  it('answers after HTTP/1, and knows how much', async () => {
    const express4 = EXPRESSES[0]![1];
    const bridge = jest.requireActual<(make: typeof express) => Express>('http2-express-bridge');
    const ledger = testLedger(new MemoryStore());
    const app = applicationOn(ledger, (() => bridge(express4)) as never);
    const plain = createServer(app).listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const outgoing = request({
      port: (plain.address() as AddressInfo).port,
      path: '/whole.csv',
      agent: false,
    }).end();
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    plain.close();

    const server = createHttp2Server(app as never);
    server.on('connection', (socket: object) => Object.assign(socket, { alpnProtocol: 'h2c' })); // what the bridge asks for
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    for (const [path, status, body] of [
      ['/file.csv', 200, 'id,name'],
      ['/whole.csv', 200, 'id,name'],
      ['/no', 401, 'Unauthorized'],
    ]) {
      const stream = client.request({ ':path': path as string });
      const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
      let text = '';
      for await (const chunk of stream) text += String(chunk);
      expect([headers[':status'], text]).toEqual([status, body]);
    }
    client.close();
    server.close();
    expect(await captured(ledger, 8)).toEqual([...whole(), ...whole(), ...whole(), ...refused]);
  });
});

describe('a response with listeners of the application', () => {
  it.each(['finish', 'close', 'end', 'error'])(
    'of which nine wait for `%s`: Node.js warns of none',
    async (name) => {
      const warnings: Error[] = [];
      const listen = (warning: Error) => warnings.push(warning);
      process.on('warning', listen);
      atEnd(() => process.off('warning', listen));
      const ledger = testLedger(new MemoryStore());
      const app = express();
      for (const when of ['before', 'after'] as const) {
        if (when === 'after')
          app.use(auditMiddleware({ audit: ledger.audit, identify, capture: { requests: true } }));
        app.use(`/${when === 'before' ? 'early' : 'late'}`, (_req, res, next) => {
          for (let n = 0; n < 9; n++) res.on(name, () => undefined);
          next();
        });
      }
      app.use((_req, res) => void res.sendStatus(403));
      const server = createServer(app).listen(0, '127.0.0.1');
      atEnd(() => server.close());
      await once(server, 'listening');
      const client: Socket = dial((server.address() as AddressInfo).port, '127.0.0.1');
      const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
      client.resume().write(ask('/early') + ask('/late'));
      await ledger.recorded.first(4);
      client.destroy();
      expect(warnings).toEqual([]);
    },
  );
});
