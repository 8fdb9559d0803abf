import type { Express, Request, RequestHandler } from 'express';
import { type Connection, createConnection, Types } from 'mongoose';
import supertest from 'supertest';
import { type Audit, auditMiddleware, auditRouter, type AuditRouterOptions } from '../../../index';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import { EXPRESSES, serve, type Served } from '../../support/served';
import { testLedger, type TestLedger } from '../../support/served-ledger';
import { ledgerOf } from '../../../lib/audit';

/** Signs in who says so in headers; an application would look for a session. */
const signIn: RequestHandler = (req, _res, next) => {
  const [id, tenantId] = [req.get('x-user'), req.get('x-tenant')];
  if (id || tenantId) Object.assign(req, { user: { id, tenantId } });
  next();
};

const MEMBER = { 'X-User': 'ada', 'X-Tenant': 'acme' };
const IDS = ['plain', 'with/slash', 'with%2Fpercent', 'ünïcode 😀', 'a?b#c', '..', '__proto__'];

describe.each(EXPRESSES)('auditRouter in %s', (_name, express) => {
  let connection: Connection;
  let ledger: TestLedger;
  beforeAll(async () => {
    connection = await connect();
    ledger = testLedger(connection);
    for (const [i, id] of IDS.entries()) {
      await ledger.audit.event({
        id,
        tenantId: 'acme',
        action: i % 2 === 0 ? 'org.read' : 'org.member.invite',
        actor: i < 3 ? 'ada' : 'bob',
        resource: `r-${i}`,
        outcome: i === 0 ? 'denied' : 'success',
      });
    }
  });

  function serveRouter(options: AuditRouterOptions = {}, mount?: (app: Express) => void): Promise<Served> {
    const app = express();
    app.set('env', 'test');
    app.use(signIn);
    mount?.(app);
    app.use('/audit', auditRouter({ audit: ledger.audit, ...options }));
    return serve(app);
  }

  const ask = ({ url }: Served, path: string, headers: Record<string, string> = MEMBER) =>
    supertest(url).get(`/audit${path}`).set(headers);

  const problem = (status: number, title: string) => ({ type: 'about:blank', title, status });

  describe('GET /entries', () => {
    const idsFor = async (query: string): Promise<string[]> => {
      const { body } = await ask(await serveRouter(), `/entries?${query}`).expect(200);
      return (body as { entries: { id: string }[] }).entries.map(({ id }) => id);
    };

    it('gives the newest first, and no cursor on the last page', async () => {
      const answer = await ask(await serveRouter(), '/entries').expect(200);
      const { entries, nextCursor } = answer.body as { entries: { id: string }[]; nextCursor: unknown };
      expect(answer.type).toBe('application/json');
      expect(answer.get('Cache-Control')).toBe('no-store');
      expect(entries.map(({ id }) => id)).toEqual([...IDS].reverse());
      expect(entries[0]).toEqual(await ledger.audit.get({ tenantId: 'acme', id: '__proto__' }));
      expect(nextCursor).toBeNull();
    });

    it.each([
      ['order=asc', IDS],
      ['limit=2', ['__proto__', '..']],
      ['actor=ada', IDS.slice(0, 3).reverse()],
      ['action=org.read&order=asc', [IDS[0], IDS[2], IDS[4], IDS[6]]],
      ['action=org.member.*&order=asc', [IDS[1], IDS[3], IDS[5]]],
      ['resource=r-3', [IDS[3]]],
      ['outcome=denied', [IDS[0]]],
      ['from=2020-01-01&to=2999-01-01&order=asc', IDS],
      ['from=2999-01-01', []],
      ['to=2020-01-01T00:00:00Z', []],
      ['actor=ada&outcome=success&order=asc', [IDS[1], IDS[2]]],
      ['actor=', []],
      ['actor=%24ne', []],
    ])('understands %s', async (query, ids) => {
      expect(await idsFor(query)).toEqual(ids);
    });

    it.each(['asc', 'desc'])('gives each entry once, page by page: %s', async (order) => {
      const app = await serveRouter();
      const seen: number[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const query = `/entries?limit=3&order=${order}${cursor && `&cursor=${cursor}`}`;
        const { body } = await ask(app, query).expect(200);
        const page = body as { entries: { seq: number }[]; nextCursor: string | null };
        seen.push(...page.entries.map(({ seq }) => seq));
        cursor = page.nextCursor;
      }
      const all = IDS.map((_id, i) => i + 1);
      expect(seen).toEqual(order === 'asc' ? all : all.reverse());
    });

    it.each([
      'limit=0',
      'limit=1001',
      'limit=-1',
      'limit=1.5',
      'limit=',
      'limit=1&limit=2',
      'order=up',
      'outcome=none',
      'from=yesterday',
      'to=2026-02-30',
      'from=2026-01-01T00:00:00',
      'cursor=x',
      `cursor=${Buffer.from('asc:1').toString('base64url')}`,
      'tenantId=acme',
      'tenantId=globex',
      'actor[$ne]=x',
      '__proto__=x',
      'format=csv',
      'unknown',
    ])('refuses %s', async (query) => {
      const { body, type } = await ask(await serveRouter(), `/entries?${query}`).expect(400);
      expect(type).toBe('application/problem+json');
      expect(body).toMatchObject({ ...problem(400, 'Bad Request'), code: 'INVALID_QUERY' });
    });
  });

  describe('GET /entries/:id', () => {
    it.each(IDS)('finds %s', async (id) => {
      const path = `/entries/${encodeURIComponent(id).replaceAll('.', '%2E')}`;
      const { body } = await ask(await serveRouter(), path).expect(200);
      expect(body).toMatchObject({ id, tenantId: 'acme' });
      expect(body).not.toHaveProperty('_id');
    });

    it.each(['nowhere', 'PLAIN', '%00', '%FF', 'acme:plain', 'x'.repeat(2_000)])('has no %s', async (id) => {
      const { body, type } = await ask(await serveRouter(), `/entries/${id}`);
      expect(type).toBe('application/problem+json');
      const malformed = id === '%FF';
      expect(body).toMatchObject(malformed ? problem(400, 'Bad Request') : problem(404, 'Not Found'));
      expect(ledger.errors).toEqual([]);
    });

    it('takes no parameters', async () => {
      await ask(await serveRouter(), '/entries/plain?tenantId=globex').expect(400);
    });
  });

  describe('GET /verify', () => {
    it('reports on the tenant’s chain', async () => {
      const { body } = await ask(await serveRouter(), '/verify').expect(200);
      expect(body).toMatchObject({ tenantId: 'acme', verdict: 'intact', size: IDS.length, anchor: 'none' });
    });

    it('runs once for all who ask at the same time, and again for who asks later', async () => {
      const verify = jest.spyOn(ledgerOf(ledger.audit), 'verify');
      const app = await serveRouter();
      const askers = Array.from({ length: 5 }, () => ask(app, '/verify').expect(200));
      for (const { body } of await Promise.all(askers)) expect(body).toMatchObject({ verdict: 'intact' });
      const shared = verify.mock.calls.length;
      await ask(app, '/verify').expect(200);
      expect(shared).toBeLessThan(5);
      expect(verify).toHaveBeenCalledTimes(shared + 1);
      verify.mockRestore();
    });

    it('shares no run between tenants', async () => {
      const app = await serveRouter();
      const other = { ...MEMBER, 'X-Tenant': 'globex' };
      const [mine, theirs] = await Promise.all([ask(app, '/verify'), ask(app, '/verify', other)]);
      expect([mine.body, theirs.body]).toMatchObject([
        { tenantId: 'acme', size: IDS.length },
        { tenantId: 'globex', size: 0 },
      ]);
    });

    it('takes no parameters', async () => {
      await ask(await serveRouter(), '/verify?full=1').expect(400);
    });
  });

  describe('admission', () => {
    it.each([
      ['nobody', {}],
      ['an actor without a tenant', { 'X-User': 'ada' }],
      ['a tenant without an actor', { 'X-Tenant': 'acme' }],
      ['an actor of the ledger’s own tenant', { 'X-User': 'eve', 'X-Tenant': 'system' }],
    ])('answers 401 to %s', async (_who, headers) => {
      const app = await serveRouter();
      for (const path of ['/entries', '/entries/plain', '/verify']) {
        const { body, type, headers: sent } = await ask(app, path, headers).expect(401);
        expect(type).toBe('application/problem+json');
        expect(body).toMatchObject(problem(401, 'Unauthorized'));
        expect(sent).toMatchObject({ 'cache-control': 'no-store' });
      }
    });

    it.each<[string, () => unknown]>([
      ['nothing', () => undefined],
      ['an actor of null', () => ({ actor: null, tenantId: 'acme' })],
      ['an actor of false', () => ({ actor: false, tenantId: 'acme' })],
      ['an actor without an id', () => ({ actor: { id: undefined, name: undefined }, tenantId: 'acme' })],
      ['an empty actor', () => ({ actor: '', tenantId: 'acme' })],
    ])('answers 401 when `identify` gives %s', async (_what, identify) => {
      await ask(await serveRouter({ identify: identify as never }), '/entries').expect(401);
    });

    it.each<[string, unknown]>([
      ['false', () => false],
      ['a user', () => ({ id: 'ada' })],
      ['a text', () => 'yes'],
      ['nothing', () => undefined],
      ['a promise of false', () => Promise.resolve(false)],
    ])('answers 403 when `authorize` gives %s', async (_what, authorize) => {
      const app = await serveRouter({ authorize: authorize as never });
      const { body } = await ask(app, '/entries').expect(403);
      expect(body).toMatchObject(problem(403, 'Forbidden'));
    });

    it.each<[string, AuditRouterOptions]>([
      ['`authorize` rejects', { authorize: () => Promise.reject(new Error('db.internal')) }],
      ['`authorize` throws', { authorize: () => JSON.parse('{db.internal') as never }],
      ['`tenant` rejects', { tenant: () => Promise.reject(new Error('db.internal')) }],
      ['`identify` throws', { identify: () => JSON.parse('{db.internal') as never }],
      [
        '`identify` is async',
        { identify: (() => Promise.resolve({ actor: 'a', tenantId: 'acme' })) as never },
      ],
    ])('fails closed, and tells the operator alone, when %s', async (_what, options) => {
      const { text } = await ask(await serveRouter(options), '/entries').expect(500);
      expect(text).not.toMatch(/db\.internal|"entries"/);
      expect(ledger.errors.splice(0)).toHaveLength(1);
    });

    it('asks `authorize` for what is wanted', async () => {
      const authorize = jest.fn((_req: Request, permission: string) => permission === 'verify');
      const app = await serveRouter({ authorize });
      await ask(app, '/entries').expect(403);
      await ask(app, '/entries/plain').expect(403);
      await ask(app, '/verify').expect(200);
      expect(authorize.mock.calls.map(([, permission]) => permission)).toEqual(['read', 'read', 'verify']);
    });
  });

  describe('methods', () => {
    it.each(['post', 'put', 'patch', 'delete', 'options', 'propfind'] as const)(
      'refuses %s',
      async (method) => {
        const app = await serveRouter();
        for (const path of [
          '/audit',
          '/audit/entries',
          '/audit/entries/plain',
          '/audit/verify',
          '/audit/x',
        ]) {
          const answer = await supertest(app.url)[method](path).set(MEMBER).expect(405);
          expect(answer.get('Allow')).toBe('GET, HEAD');
          expect(answer.body).toMatchObject(problem(405, 'Method Not Allowed'));
        }
      },
    );

    it('answers HEAD like GET, without the body', async () => {
      const app = await serveRouter();
      const { text, headers } = await supertest(app.url).head('/audit/entries').set(MEMBER).expect(200);
      expect(text).toBeFalsy();
      expect(headers['content-type']).toMatch(/^application\/json/);
      await supertest(app.url).head('/audit/entries').expect(401);
    });

    it.each(['/index.html', '/nothing', '/entries/plain/more', '/..%2Fentries'])(
      'has nothing at %s',
      async (path) => {
        const { body, type } = await ask(await serveRouter(), path).expect(404);
        expect(type).toBe('application/problem+json');
        expect(body).toMatchObject(problem(404, 'Not Found'));
      },
    );
  });

  describe('mounting', () => {
    it.each(['/', '/audit/', '/v1/orgs/:org/audit'])('works at %s', async (path) => {
      const app = express();
      app.use(path, signIn, auditRouter({ audit: ledger.audit }));
      const { url } = await serve(app);
      const at = path.replace(/\/$/, '').replace(':org', 'globex');
      const { body } = await supertest(url).get(`${at}/entries?limit=1`).set(MEMBER).expect(200);
      expect(body).toMatchObject({ entries: [{ tenantId: 'acme' }] });
      await supertest(url).get(`${at}/entries/plain/`).set(MEMBER).expect(200);
    });

    it('works behind a proxy, in a router of an application’s own, and with any query parser', async () => {
      const app = express();
      app.set('trust proxy', true).set('query parser', false);
      const inner = express.Router();
      inner.use('/trail', signIn, auditRouter({ audit: ledger.audit }));
      app.use('/api', inner);
      const { url } = await serve(app);
      const { body } = await supertest(url)
        .get('/api/trail/entries?limit=1&order=asc')
        .set({ ...MEMBER, 'X-Forwarded-For': '192.0.2.1', 'X-Forwarded-Prefix': '/x' })
        .expect(200);
      expect(body).toMatchObject({ entries: [{ id: 'plain' }] });
    });

    it('says so when it is mounted without a call', async () => {
      const app = express();
      app.set('env', 'test').use(auditRouter as unknown as RequestHandler);
      const { text } = await supertest((await serve(app)).url)
        .get('/')
        .expect(500);
      expect(text).toContain('app.use(auditRouter())');
    });

    it('uses the `identify` of auditMiddleware unless it has its own', async () => {
      const identify = (tenantId: string) => () => ({ actor: 'x', tenantId });
      const mount = (app: Express) =>
        app.use(auditMiddleware({ audit: ledger.audit, identify: identify('acme') }));
      const [inherited, own] = await Promise.all([
        serveRouter({}, mount),
        serveRouter({ identify: identify('globex') }, mount),
      ]);
      expect((await ask(inherited, '/verify', {}).expect(200)).body).toMatchObject({ tenantId: 'acme' });
      expect((await ask(own, '/verify', {}).expect(200)).body).toMatchObject({ tenantId: 'globex' });
    });
  });

  describe('when the store fails', () => {
    const failing = async (): Promise<Audit> => {
      const dbName = `test_${new Types.ObjectId().toHexString()}`;
      const closed = await createConnection(sharedDatabaseUri(), { dbName }).asPromise();
      await closed.close();
      return testLedger(closed).audit;
    };

    it.each(['/entries', '/entries/plain', '/verify'])('answers %s without internals', async (path) => {
      const app = await serveRouter({ audit: await failing() });
      const { status, text, type } = await ask(app, path);
      expect([500, 503]).toContain(status);
      expect(type).toBe('application/problem+json');
      expect(text).not.toMatch(/27017|127\.0\.0\.1|mongodb:|Mongo[A-Z]\w+Error|\.ts|node_modules/);
    });
  });

  describe('when the application has answered meanwhile', () => {
    it('leaves that answer alone', async () => {
      let decide: (allowed: boolean) => void = () => undefined;
      const authorize = () => new Promise<boolean>((resolve) => (decide = resolve));
      const timeout: RequestHandler = (_req, res, next) => {
        next();
        setImmediate(() => res.status(504).end('too late'));
        res.on('finish', () => decide(true));
      };
      const app = await serveRouter({ authorize }, (it) => it.use(timeout));
      const { text } = await ask(app, '/entries').expect(504);
      expect(text).toBe('too late');
      await app.settled();
    });
  });
});
