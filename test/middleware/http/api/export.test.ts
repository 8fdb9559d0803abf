import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { constants, gunzipSync } from 'node:zlib';
import compression from 'compression';
import type { Express, Request, RequestHandler } from 'express';
import { type Connection, Types } from 'mongoose';
import supertest from 'supertest';
import { auditMiddleware, auditRouter, type AuditRouterOptions } from '../../../../index';
import { createAudit } from '../../../support/create-audit';
import { CONTENT_TYPES } from '../../../../middleware/http/api/download';
import { connect } from '../../../support/connection';
import { watchCursors } from '../../../support/cursors';
import { until } from '../../../support/deadline';
import { exportedIn, FORMATS, manifestIn, SIGNING, verified, verifierKeyOf } from '../../../support/evidence';
import { EXPRESSES, serve, type Served } from '../../../support/served';
import { sized } from '../../../support/sized';
import { testLedger, type TestLedger } from '../../../support/served-ledger';

const MEMBER = { 'X-User': 'ada', 'X-Tenant': 'acme' };
const SIZE = sized(600, 2_000);
/** The actor of every ninth entry: for what is about anything but how much is exported. */
const FEW = 'carol';

const signIn: RequestHandler = (req, _res, next) => {
  const [id, tenantId] = [req.get('x-user'), req.get('x-tenant')];
  if (id) Object.assign(req, { user: { id, tenantId } });
  next();
};

interface Download {
  compressed?: boolean;
  /** Bytes after which the client goes away. */
  enough?: number;
}

/** An answer read to its end, or to where its connection broke. */
async function download(
  { port }: Served,
  path: string,
  { compressed = false, enough = Infinity }: Download = {},
) {
  const headers = { ...MEMBER, ...(compressed && { 'Accept-Encoding': 'gzip' }) };
  const request = get({ port, host: '127.0.0.1', path, headers, agent: false });
  request.on('error', () => undefined);
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  const answer = await answered.then(([response]) => response).catch(() => null);
  const chunks: Buffer[] = [];
  let bytes = 0;
  const errors: unknown[] = [];
  answer?.on('error', (error) => errors.push(error));
  try {
    for await (const chunk of answer ?? []) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes > enough) request.destroy();
    }
  } catch (error) {
    errors.push(error);
  }
  expect(answer?.headers['content-encoding']).toBe(compressed ? 'gzip' : undefined);
  const body = Buffer.concat(chunks);
  // of what was cut off: as far as it goes
  const text = String(compressed ? gunzipSync(body, { finishFlush: constants.Z_SYNC_FLUSH }) : body);
  return { answer, text, complete: answer?.complete === true, failed: errors.length > 0 };
}

describe.each(EXPRESSES)('GET /export in %s', (_name, express) => {
  let connection: Connection;
  let ledger: TestLedger;
  const rejections: unknown[] = [];
  const rejected = (reason: unknown) => rejections.push(reason);

  beforeAll(async () => {
    connection = await connect();
    ledger = testLedger(connection, SIGNING);
    const batch = ledger.audit.batch();
    for (let n = 0; n < SIZE; n++)
      batch.event({
        tenantId: 'acme',
        action: n % 9 ? 'a.b' : 'a.c',
        actor: n % 9 ? 'bob' : FEW,
        metadata: { n, long: randomBytes(900).toString('hex') },
      });
    batch.event({ tenantId: 'globex', action: 'secret', actor: 'globex-secret' });
    await batch.commit();
    process.on('unhandledRejection', rejected);
  });
  afterAll(() => process.off('unhandledRejection', rejected));
  afterEach(() => {
    expect(ledger.errors.splice(0)).toEqual([]);
    expect(rejections).toEqual([]);
  });

  const faults: unknown[] = [];
  function serveRouter(options: AuditRouterOptions = {}, mount?: (app: Express) => void): Promise<Served> {
    faults.length = 0;
    const app = express();
    app.set('env', 'test').use(signIn);
    mount?.(app);
    app.use('/audit', auditRouter({ audit: ledger.audit, ...options }), ((
      e: unknown,
      _q: unknown,
      _s: unknown,
      next: (e: unknown) => void,
    ) => {
      faults.push(e);
      next(e);
    }) as never);
    return serve(app);
  }

  const ask = ({ url }: Served, query = '', headers: Record<string, string> = MEMBER) =>
    supertest(url)
      .get(`/audit/export${query}`)
      .set(headers)
      .buffer(true)
      .parse((res, done) => {
        let text = '';
        res.on('data', (chunk) => (text += String(chunk))).on('end', () => done(null, text));
      });

  const newestExport = async () =>
    (await ledger.audit.list({ tenantId: 'acme', action: 'audit.export', limit: 1 }))[0];

  it.each(FORMATS)('downloads evidence that verifies: %s', async (format) => {
    const answer = await ask(
      await serveRouter(),
      `?format=${format}&action=a.c&from=2020-01-01&to=2999-01-01`,
    );
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': CONTENT_TYPES[format],
      'content-disposition': expect.stringMatching(
        new RegExp(`^attachment; filename="audit-\\d{8}T\\d{6}Z\\.${format}"$`),
      ),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'transfer-encoding': 'chunked',
      link: '<verify.html>; rel="help"',
    });
    const text = answer.body as string;
    expect(await verified(text, { keys: [verifierKeyOf('acme')] })).toMatchObject({
      verdict: 'intact',
      anchor: 'signed',
      statedBySigner: true,
      entryCount: Math.ceil(SIZE / 9) + 1,
    });
    expect(manifestIn(text, format)).toMatchObject({
      filter: { action: 'a.c', to: '2999-01-02T00:00:00.000Z' },
    });
    expect(text).not.toContain('globex');
  });

  it('leaves out the proof when that is asked for', async () => {
    const app = await serveRouter();
    const { body } = await ask(app, '?proof=false&format=json&actor=nobody').expect(200);
    expect(exportedIn(body as string, 'json')).toHaveLength(1);
    expect(await verified((await ask(app, '?proof=true&actor=nobody')).body as string)).toMatchObject({
      verdict: 'intact',
    });
  });

  it.each([
    'format=xml',
    'format=',
    'format=CSV',
    'format=toString',
    'format=csv&format=json',
    'proof=yes',
    'proof=',
    'proof=true&proof=false',
    'from=yesterday',
    'to=2026-02-30',
    'from=2026-01-01&startDate=2026-01-01',
    'exportedBy=eve',
    'includeChainProof=false',
    'tenantId=globex',
    'limit=1',
    'actor[$ne]=x',
    'outcome=none',
    'actor=Bearer%20abcdefghijklmnop0123456789',
    `resource=${'x'.repeat(1025)}`,
    '__proto__=x',
  ])('refuses %s, and records nothing; HEAD too', async (query) => {
    const before = await newestExport();
    const app = await serveRouter();
    const { type, body, status } = await supertest(app.url).get(`/audit/export?${query}`).set(MEMBER);
    expect([status, type]).toEqual([400, 'application/problem+json']);
    expect(body).toMatchObject({ status: 400, code: 'INVALID_QUERY' });
    await supertest(app.url).head(`/audit/export?${query}`).set(MEMBER).expect(400);
    expect(await newestExport()).toEqual(before);
  });

  it('gives nothing for an empty actor, as `list` does', async () => {
    const { body } = await ask(await serveRouter(), '?actor=').expect(200);
    expect(exportedIn(body as string, 'jsonl')).toHaveLength(1);
  });

  it('asks for `export`, and for an identity', async () => {
    const before = await newestExport();
    const authorize = jest.fn((_req: Request, permission: string) => permission !== 'export');
    const app = await serveRouter({ authorize });
    await supertest(app.url).get('/audit/export').set(MEMBER).expect(403);
    await supertest(app.url).get('/audit/export').expect(401);
    await supertest(app.url).get('/audit/export').set({ 'X-User': 'ada', 'X-Tenant': 'system' }).expect(401);
    expect(authorize.mock.calls.map(([, permission]) => permission)).toEqual(['export']);
    expect(await newestExport()).toEqual(before);
  });

  it('answers HEAD with the headers alone, and records no export', async () => {
    const before = await newestExport();
    const app = await serveRouter();
    const { headers, text } = await supertest(app.url)
      .head('/audit/export?format=csv')
      .set(MEMBER)
      .expect(200);
    expect(text).toBeFalsy();
    expect(headers).toMatchObject({ 'content-type': CONTENT_TYPES.csv });
    expect(await newestExport()).toEqual(before);
  });

  describe('its entry', () => {
    it('is by who was admitted, not by the actor who is looked for', async () => {
      await ask(await serveRouter(), `?actor=${FEW}`).expect(200);
      expect(await newestExport()).toMatchObject({ actor: 'ada' });
    });

    it('is by whom the router’s own `identify` says, with whom they act for', async () => {
      const actor = { id: new Types.ObjectId(), type: 'user' as const, onBehalfOf: 'boss' };
      const identify = () => ({ actor, tenantId: 'acme' });
      const mount = (app: Express) => app.use(auditMiddleware({ audit: ledger.audit }));
      await ask(await serveRouter({ identify }, mount), `?actor=${FEW}`).expect(200);
      expect(await newestExport()).toMatchObject({
        actor: actor.id.toHexString(),
        onBehalfOf: 'boss',
        context: { method: 'GET', ipAddress: expect.any(String) },
      });
    });

    it('is the only one: the download is not captured as well', async () => {
      const other = testLedger(connection);
      const capture = { requests: true };
      const mount = (app: Express) =>
        app
          .use(auditMiddleware({ audit: ledger.audit, capture }))
          .use(auditMiddleware({ audit: other.audit, capture }));
      const app = await serveRouter({}, mount);
      for (const format of FORMATS) await ask(app, `?format=${format}&actor=nobody`).expect(200);
      await app.settled();
      await Promise.all([ledger.audit.flush(), other.audit.flush()]);
      for (const action of ['data.export', 'http.request'])
        expect(await ledger.audit.list({ tenantId: 'acme', action })).toHaveLength(0);
    });
  });

  it('is compressed by an application that compresses', async () => {
    for (const format of FORMATS) {
      const query = `?format=${format}&actor=${FEW}`;
      const answer = await ask(await serveRouter({}, (app) => app.use(compression())), query);
      if (format !== 'jsonl') expect(answer.headers).toMatchObject({ 'content-encoding': 'gzip' });
      expect(await verified(answer.body as string)).toMatchObject({ verdict: 'intact' });
    }
  });

  describe('when an entry cannot be read', () => {
    const entries = () => connection.db!.collection('audit_entries');
    const setActor = async (seq: number, value: unknown) =>
      entries().findOneAndUpdate({ tenantId: 'acme', seq }, { $set: { actor: value } });

    it.each([
      ['far behind', SIZE - 100, '', false],
      ['far behind, compressed', SIZE - 100, '?format=csv', true],
      ['at the beginning', 1, '?proof=false', false],
    ])('breaks the connection, and tells the operator alone: %s', async (_where, seq, query, compressed) => {
      await ask(await serveRouter(), '?actor=nobody').expect(200); // so that the tree is there
      const before = await setActor(seq, new Types.ObjectId());
      try {
        const app = await serveRouter({}, (it) => compressed && it.use(compression()));
        const { complete, text } = await download(app, `/audit/export${query}`, { compressed });
        expect(complete).toBe(false);
        expect(text).not.toMatch(/"type":"checkpoint"|^checkpoint/m);
        await app.settled();
        expect(ledger.errors.splice(0)).toMatchObject([{ code: 'ENTRY_ALTERED' }]);
        expect(faults).toEqual([]);
      } finally {
        await setActor(seq, before!['actor']);
      }
    });
  });

  describe('when the client goes away', () => {
    it.each([false, true])(
      'lets go of the database, and blames nobody; compressed: %s',
      async (compressed) => {
        const watched = await watchCursors(connection);
        const audit = createAudit({ connection: watched.connection, ...SIGNING });
        const errors: Error[] = [];
        audit.on('error', (error) => errors.push(error));
        const app = await serveRouter({ audit }, (it) => compressed && it.use(compression()));
        const { complete } = await download(app, '/audit/export?format=json', {
          compressed,
          enough: 50_000,
        });
        expect(complete).toBe(false);
        await app.settled();
        await until(() => watched.open() === 0, 'no cursor is open');
        expect([errors, faults]).toEqual([[], []]);
      },
    );

    it('before anything was sent, it is all the same', async () => {
      const app = await serveRouter();
      const before = (await newestExport())?.seq ?? 0;
      const request = get({ port: app.port, host: '127.0.0.1', path: '/audit/export', headers: MEMBER });
      request.on('error', () => undefined);
      await until(async () => ((await newestExport())?.seq ?? 0) > before, 'the export is recorded');
      request.destroy();
      await app.settled();
      await ledger.audit.flush();
      expect(faults).toEqual([]);
    });
  });
});
