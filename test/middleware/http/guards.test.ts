import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { connect as dial } from 'node:net';
import { basename, dirname } from 'node:path';
import type { Express, RequestHandler } from 'express';
import supertest from 'supertest';
import { auditMiddleware } from '../../../index';
import type { AuditMiddlewareOptions } from '../../../middleware/express/options';
import { MemoryStore } from '../../../models/memory/memory-store';
import { EXPRESSES } from '../../support/served';
import { serveLedger } from '../../support/served-ledger';

const identify = () => ({ actor: 'ada', tenantId: 'acme' });

const fail = (): never => {
  throw new Error('of the application');
};

/** A member that throws when it is read, as a getter of an application may. */
const poisoned =
  (name: string): RequestHandler =>
  (req, _res, next) => {
    Object.defineProperty(req, name, { get: fail, configurable: true });
    next();
  };

describe.each(EXPRESSES)('what an application does in %s', (_name, express) => {
  const store = new MemoryStore();

  function serveWith(mount: (app: Express) => void, options: AuditMiddlewareOptions = {}) {
    return serveLedger(store, ({ audit }) => {
      const app = express();
      app.set('env', 'test');
      mount(app);
      app.use(auditMiddleware({ audit, identify, capture: { requests: true }, ...options }));
      app.get('/orders.csv', (_req, res) => void res.send('a,b'));
      app.use((req, res, next) => {
        req.audit({ action: 'tried' }).then(() => res.sendStatus(401), next);
      });
      return app;
    });
  }

  it.each<[string, (app: Express) => void]>([
    ['a `trust proxy` that throws', (app) => void app.set('trust proxy', fail)],
    [
      'a `trust proxy` that throws for what a client sends',
      (app) => void app.set('trust proxy', (address: string) => (address.startsWith('127.') ? true : fail())),
    ],
    ['an `ip` that throws', (app) => app.use(poisoned('ip'))],
    ['an `id` that throws', (app) => app.use(poisoned('id'))],
    ['a `route` that throws', (app) => app.use(poisoned('route'))],
    ['a `user` that throws', (app) => app.use(poisoned('user'))],
  ])('keeps nothing out of the trail, and ends nothing: %s', async (_what, mount) => {
    const app = await serveWith(mount);
    const forwarded = { 'X-Forwarded-For': '1.2.3.4, unknown' };
    await supertest(app.url).get('/nowhere').set(forwarded);
    const entries = await app.entries();
    expect(entries.filter(({ action }) => action === 'http.request')).toHaveLength(1);
  });

  it('records a refusal with the socket’s address, when `trust proxy` throws', async () => {
    const app = await serveWith((it) => void it.set('trust proxy', fail));
    await supertest(app.url).get('/nowhere').set('X-Forwarded-For', '1.2.3.4, unknown').expect(401);
    const entries = await app.entries();
    expect(entries.map(({ action }) => action).sort()).toEqual([
      'auth.unauthorized_access',
      'http.request',
      'tried',
    ]);
    for (const { context } of entries) expect(context).toMatchObject({ ipAddress: '127.0.0.1' });
  });

  it('records the export of somebody whom `identify` could not name', async () => {
    const app = await serveWith(() => undefined, { identify: fail, capture: {} });
    await supertest(app.url).get('/orders.csv').expect(200);
    expect(await app.entries()).toMatchObject([
      { action: 'data.export', actor: 'anonymous', tenantId: 'system' },
    ]);
    expect(app.errors.map(({ message }) => message)).toEqual(
      expect.arrayContaining([expect.stringMatching(/`identify` threw/)]),
    );
  });

  it('records what a handler sent, not what an error handler says afterwards', async () => {
    const app = await serveLedger(store, ({ audit }) => {
      const it = express();
      it.set('env', 'test');
      it.use(auditMiddleware({ audit, identify }));
      it.get('/orders.csv', (_req, res) => {
        res.write('a,b');
        res.status(500);
        res.end();
      });
      return it;
    });
    await supertest(app.url).get('/orders.csv').expect(200);
    expect(await app.entries()).toMatchObject([{ action: 'data.export', context: { statusCode: 200 } }]);
  });

  describe('a function of `capture`', () => {
    const serveCapture = (capture: AuditMiddlewareOptions['capture'], handler: RequestHandler) =>
      serveLedger(store, ({ audit }) => {
        const app = express();
        app.set('env', 'test');
        app.use(auditMiddleware({ audit, identify, capture }));
        return app.use(handler);
      });

    it.each<[string, number, boolean | undefined, number]>([
      ['a redirect', 302, true, 1],
      ['a redirect', 302, undefined, 0],
      ['a page that says that the sign-in failed', 200, true, 1],
      ['a refusal', 401, true, 1],
      ['a refusal', 401, undefined, 1],
      ['a refusal', 401, false, 0],
    ])('decides on %s %d as a failed sign-in: %p', async (_what, status, verdict, count) => {
      const app = await serveCapture(
        { authFailures: () => verdict },
        (_req, res) => void res.status(status).end(),
      );
      await supertest(app.url).post('/login').redirects(0);
      const entries = await app.entries();
      expect(entries).toHaveLength(count);
      for (const entry of entries)
        expect(entry).toMatchObject({ action: 'auth.unauthorized_access', outcome: 'denied' });
    });

    it.each<[string, number, boolean | undefined, number]>([
      ['an answer', 200, true, 1],
      ['an answer', 200, undefined, 0],
      ['a redirect to a file', 302, true, 1],
      ['a refusal', 403, true, 0],
      ['a failure', 500, true, 0],
    ])('decides on %s %d as an export: %p', async (_what, status, verdict, count) => {
      const app = await serveCapture(
        { exports: () => verdict, authFailures: false },
        (_req, res) => void res.status(status).send('a'),
      );
      await supertest(app.url).get('/report').redirects(0);
      expect(await app.entries()).toHaveLength(count);
    });

    it.each<[string, () => unknown]>([
      ['a promise', () => Promise.reject(new Error('late'))],
      ['a query, which is awaited like one', () => ({ then: () => undefined })],
    ])('may not answer by %s, which is said, and leaves it to the rule', async (_what, answer) => {
      const late = answer as never;
      const app = await serveCapture({ authFailures: late }, (_req, res) => void res.sendStatus(401));
      await supertest(app.url).get('/').expect(401);
      expect(await app.entries()).toHaveLength(1);
      expect(app.errors).toMatchObject([
        { message: expect.stringContaining('capture.authFailures') as string },
      ]);
    });
  });

  describe('a request that nobody sent', () => {
    /** What the ledger warns of. */
    async function warnings(method: 'get' | 'post', handler: RequestHandler, times = 1): Promise<string[]> {
      const said: string[] = [];
      const logger = { warn: (message: string) => said.push(message), error: () => undefined };
      const app = await serveLedger(
        store,
        ({ audit }) => express().use(auditMiddleware({ audit })).use(handler),
        { logger },
      );
      for (let n = 0; n < times; n++) await supertest(app.url)[method]('/orders');
      await app.settled();
      return said;
    }

    const as =
      (user: object): RequestHandler =>
      (req, res) => {
        Object.assign(req, user);
        res.end();
      };

    it('is warned of once, with the mend, when it may have changed something', async () => {
      const said = await warnings('post', as({}), 3);
      expect(said).toEqual([expect.stringMatching(/nobody was found.*POST.*`identify`/)]);
    });

    it.each<[string, 'get' | 'post', RequestHandler]>([
      ['it only read', 'get', as({})],
      ['it had a user', 'post', as({ user: { id: 'ada' } })],
      ['it was refused', 'post', (_req, res) => void res.sendStatus(401)],
      ['the handler has recorded who did it', 'post', (req, res, next) => void recorded(req, res, next)],
    ])('is not warned of where %s', async (_why, method, handler) => {
      expect(await warnings(method, handler)).toEqual([]);
    });

    /** As that of a webhook does. */
    const recorded: RequestHandler = (req, res, next) => {
      const event = { action: 'invoice.paid', actor: { id: 'payments', type: 'service' }, tenantId: 'acme' };
      req.audit(event as never).then(() => res.end(), next);
    };

    it('is warned of behind one whose handler recorded who did something', async () => {
      let requests = 0;
      const handler: RequestHandler = (req, res, next) =>
        requests++ === 0 ? recorded(req, res, next) : as({})(req, res, next);
      expect(await warnings('post', handler, 2)).toEqual([expect.stringMatching(/nobody was found/)]);
    });
  });

  it('lets `identify` read an `AsyncLocalStorage` of the application', async () => {
    const users = new AsyncLocalStorage<string>();
    const app = await serveLedger(store, ({ audit }) => {
      const it = express();
      it.use(auditMiddleware({ audit, identify: () => ({ actor: users.getStore(), tenantId: 'acme' }) }));
      it.use((_req, _res, next) => users.run('ada', next));
      return it.get('/orders.csv', (_req, res) => void res.send('a,b'));
    });
    await supertest(app.url).get('/orders.csv');
    expect(await app.entries()).toMatchObject([{ action: 'data.export', actor: 'ada' }]);
  });

  it('records each of many whose client hangs up at once', async () => {
    const app = await serveWith(() => undefined, { capture: { requests: true, authFailures: false } });
    const clients = Array.from({ length: 20 }, async () => {
      const socket = dial(app.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write('GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n');
      await once(socket, 'data');
      socket.destroy();
    });
    await Promise.all(clients);
    const entries = await app.recorded.first(60);
    expect(entries.filter(({ action }) => action === 'tried').length).toBeGreaterThanOrEqual(20);
    expect(entries.filter(({ action }) => action === 'http.request').length).toBeGreaterThanOrEqual(20);
  });
});

describe.each(EXPRESSES)('the files of a page in %s', (_name, express) => {
  const store = new MemoryStore();

  it.each<[string, string, RequestHandler, number]>([
    [
      'that everybody may keep',
      '/locales/en.json',
      (_req, res) => void res.set('Cache-Control', 'public, max-age=60').json({}),
      0,
    ],
    [
      'that everybody may keep for ever',
      '/x.json',
      (_req, res) => void res.set('Cache-Control', 'public, immutable').json({}),
      0,
    ],
    [
      'of a private cache',
      '/x.json',
      (_req, res) => void res.set('Cache-Control', 'private, max-age=60').json({}),
      1,
    ],
    ['of no cache', '/x.json', (_req, res) => void res.json({}), 1],
    ['of a route, sent by `sendFile`', '/x.json', (_req, res) => res.sendFile(__filename), 1],
    ['sent by `sendFile` in a middleware', '/x.json', (_req, res) => res.sendFile(__filename), 1],
    ['downloaded', '/x', (_req, res) => res.download(__filename), 1],
    [
      'that the client calls an export',
      '/x?format=export',
      (_req, res) => void res.set('Cache-Control', 'public').end(),
      0,
    ],
    [
      'named in other letters',
      '/x.json',
      (_req, res) => void res.set('Cache-Control', 'Public, Max-Age=60').json({}),
      0,
    ],
    [
      'given to `writeHead`',
      '/x.json',
      (_req, res) => void res.writeHead(200, { 'Cache-Control': 'public' }).end(),
      0,
    ],
  ])('are exports or not: %s', async (_what, path, handler, count) => {
    const app = await serveLedger(store, ({ audit }) => {
      const it = express();
      it.disable('x-powered-by');
      it.use(auditMiddleware({ audit, identify }));
      if (_what.includes('middleware')) return it.use(handler);
      return it.get('/locales/:name', handler).get('/:name', handler);
    });
    await supertest(app.url).get(path).expect(200);
    expect(await app.entries()).toHaveLength(count);
  });

  it('are none when `express.static` sends them, unless the application says so', async () => {
    const files = express.static(dirname(__filename), { extensions: ['json'] });
    const path = `/${basename(__filename)}?format=export`;
    for (const [exports, count] of [
      [true, 0],
      [() => true, 1],
    ] as const) {
      const app = await serveLedger(store, ({ audit }) =>
        express()
          .use(auditMiddleware({ audit, identify, capture: { exports } }))
          .use(files),
      );
      await supertest(app.url).get(path).expect(200);
      expect(await app.entries()).toHaveLength(count);
    }
  });
});

describe.each(EXPRESSES)('repeated exports in %s', (_name, express) => {
  it('of one thing by one actor are ten entries and a count, of others their own', async () => {
    const app = await serveLedger(new MemoryStore(), ({ audit }) => {
      const it = express();
      it.use(auditMiddleware({ audit, identify: (req) => ({ actor: req.get('x-user'), tenantId: 'acme' }) }));
      return it
        .get('/me', (_req, res) => void res.json({}))
        .get('/files/:name', (_req, res) => void res.end('a'));
    });
    const get = (path: string, user = 'ada') => supertest(app.url).get(path).set('X-User', user);
    for (let n = 0; n < 25; n++) await get(`/me?format=export&n=${n}`);
    for (let n = 0; n < 12; n++) await get(`/files/${n}.csv`);
    for (let n = 0; n < 3; n++) await get('/me?format=export', 'eve');
    const entries = await app.entries();
    const of = (resource: RegExp, actor: string) =>
      entries.filter((entry) => resource.test(entry.resource ?? '') && entry.actor === actor);
    expect(of(/me/, 'ada')).toHaveLength(11);
    expect(of(/me/, 'ada').at(-1)!.metadata).toMatchObject({ count: 15 });
    expect(of(/files/, 'ada')).toHaveLength(12);
    expect(of(/me/, 'eve')).toHaveLength(3);
  });
});
