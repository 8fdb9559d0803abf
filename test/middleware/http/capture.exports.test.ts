import { request as rawRequest } from 'node:http';
import { once } from 'node:events';
import type { Express, RequestHandler } from 'express';
import supertest from 'supertest';
import { auditMiddleware } from '../../../index';
import { MemoryStore } from '../../../models/memory/memory-store';
import { EXPRESSES } from '../../support/served';
import { serveLedger, type ServedLedger } from '../../support/served-ledger';

const identify = () => ({ actor: 'ada', tenantId: 'acme' });
const ok: RequestHandler = (_req, res) => void res.send('a,b');

describe.each(EXPRESSES)('captured exports in %s', (_name, express) => {
  const store = new MemoryStore();

  function serveWith(mount: (app: Express) => unknown, options: { identify?: () => object } = { identify }) {
    return serveLedger(store, ({ audit }) => {
      const app = express();
      app.disable('x-powered-by'); // else Node.js knows all headers, however they are given
      app.use(auditMiddleware({ audit, ...options }));
      mount(app);
      return app;
    });
  }

  /** A request whose target is sent as it stands. */
  async function ask(app: ServedLedger, path: string, method = 'GET'): Promise<number | undefined> {
    const outgoing = rawRequest({ host: '127.0.0.1', port: app.port, path, method, agent: false }).end();
    const [answer] = (await once(outgoing, 'response')) as [{ statusCode: number; resume(): void }];
    answer.resume();
    return answer.statusCode;
  }

  it('hold who took what, how, and how much', async () => {
    const app = await serveWith((it) => it.get('/orgs/:id/members.csv', ok));
    await ask(app, '/orgs/7/members.csv?role=admin');
    const [entry] = await app.recorded.first(1);
    expect(entry).toMatchObject({
      action: 'data.export',
      outcome: 'success',
      tenantId: 'acme',
      actor: 'ada',
      resource: '/orgs/7/members.csv',
      metadata: { method: 'GET', query: { role: 'admin' }, responseSize: 3 },
      context: { route: '/orgs/:id/members.csv', statusCode: 200 },
    });
    expect(entry!.metadata).not.toHaveProperty('completed');
  });

  it.each(['csv', 'json', 'jsonl', 'ndjson', 'xlsx', 'pdf', 'zip', 'CSV'])(
    'are told by .%s',
    async (ending) => {
      const app = await serveWith((it) => it.use(ok));
      await ask(app, `/report.${ending}`);
      expect(await app.recorded.first(1)).toMatchObject([
        { resource: `/report.${ending}`, metadata: { method: 'GET' } },
      ]);
    },
  );

  it.each([
    '/report.csv/',
    '/report%2Ecsv',
    '/report.cs%76',
    '/report.csv#x',
    '/report?format=export',
    '/report?format=json&format=export',
    '/report?format=export#x',
    '/report?a=b?&format=%65xport',
  ])('cannot be hidden as %s', async (path) => {
    const app = await serveWith((it) => it.get('/:name', ok));
    expect(await ask(app, path)).toBe(200);
    expect((await app.recorded.first(1)).map(({ action }) => action)).toEqual(['data.export']);
  });

  it('are told by the ending of a secret parameter, which is not kept', async () => {
    const app = await serveWith((it) => it.get('/share/:token.csv', ok));
    await ask(app, '/share/s3cr3t.csv');
    const [entry] = await app.recorded.first(1);
    expect(entry).toMatchObject({ action: 'data.export', resource: '/share/[REDACTED]' });
  });

  it.each<[string, RequestHandler]>([
    ['setHeader', (_req, res) => void res.setHeader('Content-Disposition', 'attachment; filename=x').end()],
    ['Express’s attachment', (_req, res) => void res.attachment('x').end()],
    ['other case', (_req, res) => void res.setHeader('content-disposition', 'ATTACHMENT').end()],
    ['writeHead', (_req, res) => void res.writeHead(200, { 'content-Disposition': 'attachment' }).end()],
    [
      'writeHead with a reason',
      (_req, res) => void res.writeHead(200, 'Yes', { 'Content-Disposition': 'attachment' }).end(),
    ],
    [
      'writeHead with a list',
      (_req, res) => void res.writeHead(200, ['X-A', 'b', 'Content-Disposition', 'attachment']).end(),
    ],
    [
      'writeHead with pairs',
      (_req, res) => void res.writeHead(200, [['Content-Disposition', 'attachment']] as never).end(),
    ],
    [
      'writeHead over setHeader',
      (_req, res) => {
        res.setHeader('Content-Disposition', 'inline');
        res.writeHead(200, { 'Content-Disposition': 'attachment' }).end();
      },
    ],
    [
      'setHeader before writeHead',
      (_req, res) => {
        res.setHeader('Content-Disposition', 'attachment');
        res.writeHead(200, { 'X-A': 'b' }).end();
      },
    ],
  ])('are told by Content-Disposition: %s', async (_how, handler) => {
    const app = await serveWith((it) => it.use(handler));
    await ask(app, '/report');
    expect(await app.recorded.first(1)).toMatchObject([{ action: 'data.export', resource: '/report' }]);
  });

  it.each<[string, string, RequestHandler]>([
    ['an ordinary page', '/report', ok],
    ['an ending in the middle', '/report.csv/rows', ok],
    ['an ending in the query', '/report?file=x.csv', ok],
    ['another format', '/report?format=exported', ok],
    [
      'something inline',
      '/report',
      (_req, res) => void res.set('Content-Disposition', 'inline; filename=attachment').end(),
    ],
    ['what was not found', '/report.csv', (_req, res) => void res.sendStatus(404)],
    ['a redirect', '/report.csv', (_req, res) => res.redirect('/')],
    ['what has not changed', '/report.csv', (_req, res) => void res.sendStatus(304)],
    ['a failure', '/report.csv', (_req, res) => void res.sendStatus(500)],
  ])('are not %s', async (_what, path, handler) => {
    const app = await serveWith((it) => it.use(handler));
    await ask(app, path);
    expect(await app.entries()).toEqual([]);
  });

  it.each([
    ['nobody', () => ({})],
    ['an actor without an id', () => ({ actor: { id: undefined, name: undefined }, tenantId: 'acme' })],
    ['null', () => ({ actor: null, tenantId: 'acme' })],
  ])('are not of anonymous readers: %s', async (_who, anonymous) => {
    const app = await serveWith((it) => it.use(ok), { identify: anonymous });
    await ask(app, '/report.csv');
    expect(await app.entries()).toEqual([]);
    expect(app.errors).toEqual([]);
  });

  it('are recorded for a tenant that cannot be told, and never where the request says `system`', async () => {
    const app = await serveWith((it) => it.use(ok), { identify: () => ({ actor: 'ada' }) });
    await ask(app, '/report.csv');
    expect(await app.recorded.first(1)).toMatchObject([{ tenantId: 'system', actor: 'ada' }]);
  });

  it('include a HEAD request, of which no body was sent', async () => {
    const app = await serveWith((it) => it.get('/report.csv', ok));
    await supertest(app.url).head('/report.csv').expect(200);
    expect((await app.recorded.first(1))[0]!.metadata).toEqual({ method: 'HEAD', responseSize: 0 });
  });

  describe('the query', () => {
    it.each([
      ['token=s3cr3t&page=2', { token: '[REDACTED]', page: '2' }],
      ['access_token=s3cr3t', { access_token: '[REDACTED]' }],
      ['user[password]=s3cr3t', { 'user[password]': '[REDACTED]' }],
      ['token=s3cr3t&token=s3cr3t2', { token: '[REDACTED]' }],
      ['to%6Ben=s3cr3t', { token: '[REDACTED]' }],
      ['q=Bearer%20s3cr3ts3cr3t', { q: '[REDACTED]' }],
      ['id=1&id=2&id=', { id: ['1', '2', ''] }],
      ['a+b=c+d&%F0%9F%98%80=%E2%82%AC&flag', { 'a b': 'c d', '😀': '€', flag: '' }],
      ['constructor=x&toString=y', { constructor: 'x', toString: 'y' }],
      ['=nameless', { '': 'nameless' }],
      ['bad=%E0%A4%A', { bad: expect.any(String) as string }],
    ])('%s is kept redacted', async (query, kept) => {
      const app = await serveWith((it) => it.use(ok));
      await ask(app, `/report.csv?${query}`);
      const [entry] = await app.recorded.first(1);
      expect(entry!.metadata).toMatchObject({ query: kept });
      expect(JSON.stringify(entry)).not.toContain('s3cr3t');
    });

    it('may have a parameter named __proto__', async () => {
      const app = await serveWith((it) => it.use(ok));
      await ask(app, '/report.csv?__proto__=x&__proto__=y');
      const [entry] = await app.recorded.first(1);
      const { query } = entry!.metadata as { query: object };
      expect(Object.entries(query)).toEqual([['__proto__', ['x', 'y']]]);
      expect(await app.audit.verify({ tenantId: 'acme' })).toMatchObject({ verdict: 'intact' });
    });

    it('is cut when it is long', async () => {
      const app = await serveWith((it) => it.use(ok));
      await ask(app, `/${'p'.repeat(3_000)}.csv?q=${'x'.repeat(9_000)}`);
      const [entry] = await app.recorded.first(1);
      expect(entry!.resource).toHaveLength(1_024);
      expect(entry!.context).toHaveProperty('path', '/…');
    });
  });

  it('may be switched off', async () => {
    const app = await serveLedger(store, ({ audit }) => {
      const it = express();
      it.use(auditMiddleware({ audit, identify, capture: { exports: false } }));
      return it.use(ok);
    });
    await ask(app, '/report.csv');
    expect(await app.entries()).toEqual([]);
  });
});
