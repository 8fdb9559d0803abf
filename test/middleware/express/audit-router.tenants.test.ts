import type { RequestHandler } from 'express';
import { type Connection, Types } from 'mongoose';
import supertest from 'supertest';
import { auditMiddleware, auditRouter, type AuditRouterOptions } from '../../../index';
import { connect } from '../../support/connection';
import { EXPRESSES } from '../../support/served';
import { testLedger, serveLedger } from '../../support/served-ledger';

const signIn: RequestHandler = (req, _res, next) => {
  Object.assign(req, { user: { id: req.get('x-user'), tenantId: req.get('x-tenant') } });
  next();
};

const requireAuth: RequestHandler = (req, res, next) => {
  if (req.get('x-user')) next();
  else res.sendStatus(401);
};

const ADA = { 'X-User': 'ada', 'X-Tenant': 'acme' };

describe.each(EXPRESSES)('auditRouter in %s', (_name, express) => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await connect();
  });

  function serveRouter(options: AuditRouterOptions = {}, defaultTenant?: string) {
    return serveLedger(
      connection,
      ({ audit }) => {
        const app = express();
        app.set('env', 'test');
        app.use(auditMiddleware({ audit, capture: { requests: true } }));
        app.use('/audit', signIn, requireAuth, auditRouter({ audit, ...options }));
        return app;
      },
      { defaultTenant },
    );
  }

  describe('for one of two tenants', () => {
    const secret = 'globex-secret';
    let ids: string[];
    beforeAll(async () => {
      const { audit } = testLedger(connection);
      const batch = audit.batch();
      for (let i = 0; i < 5; i++) {
        batch.event({ tenantId: 'globex', action: secret, actor: secret, resource: secret });
        batch.event({ tenantId: 'globex', action: 'same', id: `same-${i}`, metadata: { secret } });
      }
      batch.event({ tenantId: 'acme', action: 'same', id: 'same-0' });
      // Names that would run into one another if the tenant were a mere prefix of the key.
      batch.event({ tenantId: 'acme:x', action: secret, id: 'y' });
      batch.event({ tenantId: 'acme%3Ax', action: secret, id: 'y' });
      const { receipts } = await batch.commit();
      ids = receipts.filter(({ tenantId }) => tenantId === 'globex').map(({ id }) => id);
      ids.push('x:y', 'acme:x:y', 'acme%3Ax:y', 'globex:same-1');
    });

    it('shows nothing of the other, whatever is asked', async () => {
      const app = await serveRouter();
      const { body } = await supertest(app.url)
        .get('/audit/entries?limit=2')
        .set({ ...ADA, 'X-Tenant': 'globex' });
      const cursor = (body as { nextCursor: string }).nextCursor;
      expect(cursor).toEqual(expect.any(String));
      const paths = [
        '/entries',
        `/entries?cursor=${cursor}`,
        `/entries?actor=${secret}`,
        `/entries?action=${secret}`,
        '/entries?action=*',
        `/entries?resource=${secret}`,
        '/entries?tenantId=globex',
        '/entries?tenantId[$ne]=acme',
        '/entries?from=2000-01-01&limit=1000',
        '/verify',
        '/verify?tenantId=globex',
        ...ids.map((id) => `/entries/${encodeURIComponent(id)}`),
      ];
      for (const path of paths) {
        const { text } = await supertest(app.url).get(`/audit${path}`).set(ADA);
        if (!path.includes(secret)) expect(text).not.toContain(secret);
        expect(text).not.toMatch(/"tenantId":"(?!acme")/);
      }
    });

    it('answers for another’s entry as for none', async () => {
      const app = await serveRouter();
      const answer = async (id: string) => {
        const { status, text } = await supertest(app.url).get(`/audit/entries/${id}`).set(ADA);
        return { status, text: text.replace(id, 'ID') };
      };
      const none = await answer('same-9');
      expect(none.status).toBe(404);
      expect(await answer('same-1')).toEqual(none);
    });

    it('finds its own entry where both have one of that id', async () => {
      const app = await serveRouter();
      const { body } = await supertest(app.url).get('/audit/entries/same-0').set(ADA).expect(200);
      expect(body).toMatchObject({ tenantId: 'acme' });
      expect(body).not.toHaveProperty('metadata');
    });
  });

  describe('with `tenant`', () => {
    const verified = async (options: AuditRouterOptions, status = 200, defaultTenant?: string) => {
      const app = await serveRouter(options, defaultTenant);
      const { body } = await supertest(app.url).get('/audit/verify').set(ADA).expect(status);
      return (body as { tenantId?: string }).tenantId;
    };

    const objectId = new Types.ObjectId();

    it.each<[string, AuditRouterOptions['tenant'], string]>([
      ['a text', () => 'globex', 'globex'],
      ['a number', () => 42, '42'],
      ['an ObjectId', () => objectId, objectId.toHexString()],
      ['a promise', () => Promise.resolve('globex'), 'globex'],
      ['the ledger’s own', async () => Promise.resolve('system'), 'system'],
      ['what is in the request', (req) => req.get('x-tenant'), 'acme'],
    ])('shows the trail of %s', async (_what, tenant, tenantId) => {
      expect(await verified({ tenant })).toBe(tenantId);
    });

    it.each<[string, unknown]>([
      ['nothing', undefined],
      ['an empty text', ''],
      ['an object', { $ne: null }],
      ['an array', ['acme', 'globex']],
    ])('answers 401 when it gives %s, and does not fall back', async (_what, tenant) => {
      await verified({ tenant: () => tenant as never }, 401, 'acme');
    });

    it('needs an actor all the same', async () => {
      const identify = () => ({ tenantId: 'acme' });
      await verified({ identify, tenant: () => 'acme' }, 401);
    });
  });

  describe('with a default tenant', () => {
    it('shows that to who has none, or claims the ledger’s own', async () => {
      const app = await serveRouter({}, 'only');
      for (const headers of [{ 'X-User': 'ada' }, { 'X-User': 'eve', 'X-Tenant': 'system' }]) {
        const { body } = await supertest(app.url).get('/audit/verify').set(headers).expect(200);
        expect(body).toMatchObject({ tenantId: 'only' });
      }
    });
  });

  describe('its own requests', () => {
    it('are not captured, whatever they are answered, unless they are refused', async () => {
      const app = await serveRouter({ authorize: (_req, permission) => permission === 'read' });
      const paths = [
        '/entries',
        '/entries/none.csv',
        '/entries?format=export',
        '/verify',
        '/nothing',
        '/%FF',
      ];
      const statuses = [];
      for (const path of paths)
        statuses.push((await supertest(app.url).get(`/audit${path}`).set(ADA)).status);
      await supertest(app.url).post('/audit/entries').set(ADA).expect(405);
      expect(statuses).toEqual([200, 404, 400, 403, 404, 404]);
      expect(await app.entries()).toMatchObject([
        { action: 'auth.unauthorized_access', tenantId: 'acme', actor: 'ada', context: { statusCode: 403 } },
      ]);
    });

    it('are captured when they were refused before they came to it', async () => {
      const app = await serveRouter();
      await supertest(app.url).get('/audit/entries').expect(401);
      const actions = (await app.entries()).map(({ action }) => action);
      expect(actions.sort()).toEqual(['auth.unauthorized_access', 'http.request']);
    });

    it('do not silence those beside them', async () => {
      const app = await serveRouter();
      await supertest(app.url).get('/audit/entries').set(ADA).expect(200);
      await supertest(app.url).get('/audits').set(ADA).expect(404);
      expect(await app.entries()).toMatchObject([{ action: 'http.request', context: { statusCode: 404 } }]);
    });
  });
});
