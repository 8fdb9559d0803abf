import express, { type Express, type Request } from 'express';
import supertest from 'supertest';
import { auditMiddleware, auditRouter, type AuditRouterOptions } from '../../../../index';
import type { Identity } from '../../../../middleware/http/identity';
import { MemoryStore } from '../../../../models/memory/memory-store';
import { collecting } from '../../../support/collecting';
import { sumOf } from '../../../support/refused';
import { serveLedger } from '../../../support/served-ledger';

const identify = (req: Request): Identity => ({
  actor: req.get('x-user'),
  tenantId: req.get('x-tenant'),
});

/** An application whose trail is at `/orgs/:org/audit`, for members of that organization. */
function serveTrail(mount: (app: Express, options: AuditRouterOptions) => void) {
  return serveLedger(new MemoryStore(), ({ audit }) => {
    const app = express();
    app.set('env', 'test');
    mount(app, { audit, authorize: (req) => req.get('x-tenant') === req.params['org'] });
    return app;
  });
}

const ways: [string, (app: Express, options: AuditRouterOptions) => void][] = [
  [
    'where requests are captured',
    (app, options) =>
      app
        .use(auditMiddleware({ audit: options.audit, identify, capture: { requests: true } }))
        .use('/orgs/:org/audit', auditRouter({ ...options, tenant: (req) => req.params['org'] as string })),
  ],
  [
    'where they are, by an identity of another kind',
    (app, options) =>
      app
        .use(auditMiddleware({ audit: options.audit }))
        .use(
          '/orgs/:org/audit',
          auditRouter({ ...options, identify, tenant: (req) => req.params['org'] as string }),
        ),
  ],
  [
    'where they are not',
    (app, options) =>
      app.use(
        '/orgs/:org/audit',
        auditRouter({ ...options, identify, tenant: (req) => req.params['org'] as string }),
      ),
  ],
];

describe.each(ways)('a refused look at a trail, %s', (_where, mount) => {
  const EVE = { 'X-User': 'eve', 'X-Tenant': 'acme' };

  it('is an entry of who asked, and not of the trail that was asked for', async () => {
    const app = await serveTrail(mount);
    await supertest(app.url).get('/orgs/globex/audit/entries').set(EVE).expect(403);
    await supertest(app.url).get('/orgs/globex/audit/').set(EVE).expect(403);
    await supertest(app.url).get('/orgs/globex/audit/export').expect(401);
    const entries = await app.entries();
    expect(entries.map(({ tenantId, actor, action }) => [tenantId, actor, action])).toEqual([
      ['acme', 'eve', 'auth.unauthorized_access'],
      ['acme', 'eve', 'auth.unauthorized_access'],
      ['system', 'anonymous', 'auth.unauthorized_access'],
    ]);
    expect(entries[0]).toMatchObject({
      outcome: 'denied',
      context: { ipAddress: expect.stringContaining('127.0.0.1'), method: 'GET', statusCode: 403 },
    });
  });

  it('is folded, and who was admitted leaves nothing', async () => {
    const app = await serveTrail(mount);
    for (let n = 0; n < 30; n++)
      await supertest(app.url).get('/orgs/globex/audit/entries').set(EVE).expect(403);
    await supertest(app.url).get('/orgs/acme/audit/entries').set(EVE).expect(200);
    await supertest(app.url).get('/orgs/acme/audit/nothing').set(EVE).expect(404);
    const entries = await app.entries();
    expect(entries).toHaveLength(11);
    expect(sumOf(entries)).toBe(30);
  });
});

describe('a key that may not', () => {
  it('is told of in the ledger’s own chain, many times in one entry', async () => {
    const served = await collecting();
    const key = await served.newKey({ scopes: ['read'] });
    for (let n = 0; n < 15; n++) {
      expect((await served.send('/entries?tenantId=globex', { key })).status).toBe(403);
      expect((await served.send('/export', { key })).status).toBe(403);
    }
    expect((await served.post(key, { action: 'a' })).status).toBe(403);
    expect((await served.send('/entries', { key })).status).toBe(200);
    const refusals = (await served.chain('system')).filter(({ action }) => action === 'ledger.key.refused');
    expect(sumOf(refusals)).toBe(31);
    expect(refusals.length).toBeLessThanOrEqual(23);
    expect(refusals[0]).toMatchObject({ resource: key.split('_')[1], metadata: { reason: 'not allowed' } });
    expect([await served.chain('acme'), await served.chain('globex')]).toEqual([[], []]);
  });
});
