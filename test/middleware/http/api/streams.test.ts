import express, { type Request } from 'express';
import supertest from 'supertest';
import { auditRouter } from '../../../../index';
import { ledgerOf } from '../../../../lib/audit';
import { webhook } from '../../../../streams';
import { createTestAudit } from '../../../../testing';
import { eventually } from '../../../support/eventually';
import { Receiver } from '../../../support/streams/receiver';
import { serve } from '../../../support/served';

describe('GET /streams', () => {
  it('shows a tenant the state of its own streams, and nothing of others or of secrets', async () => {
    const secret = `whsec_${'hunter2+'.repeat(4)}`;
    const to = webhook({ url: 'https://127.0.0.1/hooks/hunter2?key=hunter2', secret });
    const audit = createTestAudit({
      streams: () => [
        { name: 'acme-siem', owner: 'acme', to },
        { name: 'globex-siem', owner: 'globex', to: new Receiver() },
        { name: 'ours', to: new Receiver() },
      ],
    });
    audit.on('error', () => undefined);
    ledgerOf(audit).start();
    await audit.event({ tenantId: 'acme', action: 'a' });
    const app = express();
    const identify = (req: Request) => ({ actor: 'ada', tenantId: req.get('x-tenant') ?? '' });
    app.use('/audit', auditRouter({ audit, identify }));
    const { url } = await serve(app);
    const ask = async (tenantId: string) =>
      (await supertest(url).get('/audit/streams').set('x-tenant', tenantId).expect(200)).body as {
        streams: object[];
      };
    await eventually(async () =>
      expect(await ask('acme')).toMatchObject({
        streams: [
          {
            name: 'acme-siem',
            kind: 'webhook',
            address: 'https://127.0.0.1',
            state: 'failing',
            lastError: { reason: 'its address leads to a private, link-local or loopback network' },
          },
        ],
      }),
    );
    expect((await ask('globex')).streams).toMatchObject([{ name: 'globex-siem', state: 'delivering' }]);
    expect(await ask('initech')).toEqual({ streams: [] });
    expect(JSON.stringify([await ask('acme'), await audit.streams.status(), audit.entries])).not.toContain(
      'hunter2',
    );
    await supertest(url).post('/audit/streams').set('x-tenant', 'acme').expect(405);
    await audit.close();
  });
});
