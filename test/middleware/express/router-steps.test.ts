import { inspect } from 'node:util';
import type { ErrorRequestHandler, Express, RequestHandler } from 'express';
import supertest from 'supertest';
import { auditMiddleware } from '../../../index';
import { MemoryStore } from '../../../models/memory/memory-store';
import { EXPRESSES } from '../../support/served';
import { serveLedger, type TestLedger } from '../../support/served-ledger';

const identify = () => ({ actor: 'ada', tenantId: 'acme' });
const capture = { authFailures: false, exports: false };

describe.each(EXPRESSES)('what %s shows with the middleware', (_name, express) => {
  const store = new MemoryStore();

  /** What a handler sees, by an application without the middleware and by one with it. */
  async function seen(mount: (app: Express) => void, path = '/orgs/7'): Promise<[unknown, unknown]> {
    const answers = [];
    for (const isAudited of [false, true]) {
      const { url } = await serveLedger(store, ({ audit }) => {
        const app = express();
        app.set('env', 'test');
        if (isAudited) app.use(auditMiddleware({ audit, identify, capture }));
        mount(app);
        return app;
      });
      const { status, body } = await supertest(url).get(path);
      answers.push([status, body as unknown]);
    }
    return answers as [unknown, unknown];
  }

  it.each<[string, RequestHandler]>([
    [
      'before a route: its members',
      (req, res) => void res.json(['route' in req, 'params' in req, 'baseUrl' in req]),
    ],
    [
      'before a route: its own members',
      (req, res) => void res.json(['route', 'params', 'baseUrl'].map((name) => Object.hasOwn(req, name))),
    ],
    ['its keys', (req, res) => void res.json(Object.keys(req).filter((key) => key !== 'audit'))],
    [
      'its members’ descriptors',
      (req, res) =>
        void res.json(['params', 'baseUrl'].map((name) => Object.getOwnPropertyDescriptor(req, name))),
    ],
    ['the response’s keys', (_req, res) => void res.json(Object.keys(res))],
    [
      'the listeners of response and socket',
      (req, res) => {
        const count = (emitter: NodeJS.EventEmitter, names: string[]) =>
          names.map((name) => emitter.listenerCount(name));
        void res.json([
          count(res, ['finish', 'close', 'end', 'error', 'pipe', 'drain']),
          count(req, ['end', 'close', 'error', 'aborted']),
          count(req.socket, ['close', 'error', 'end', 'timeout']),
          [res.getMaxListeners(), req.socket.getMaxListeners()],
        ]);
      },
    ],
    [
      'the names of its methods',
      (_req, res) => void res.json([typeof res.write, 'end' in res, 'writeHead' in res]),
    ],
  ])('is the same: %s', async (_what, handler) => {
    const [without, with_] = await seen((app) => app.use(handler));
    expect(with_).toEqual(without);
  });

  it('is, printed, the values', async () => {
    const app = await serveLedger(store, ({ audit }) => {
      const it = express();
      it.use(auditMiddleware({ audit, identify, capture }));
      return it.get('/orgs/:id', (req, res) => void res.send(inspect(req, { depth: 0 })));
    });
    const { text } = await supertest(app.url).get('/orgs/7');
    expect(text).toMatch(/params: \[?\{? ?(id: '7'|\[?Object)/);
    expect(text).not.toMatch(/Getter|express-audit-ledger/);
  });

  it('lets a request that inherits from another have its own parameters', async () => {
    const [without, with_] = await seen((app) => {
      app.get('/orgs/:id', (req, res) => {
        const derived = Object.create(req) as typeof req;
        derived.params = { id: 'other' };
        Object.assign(derived, { baseUrl: '/b', route: { path: '/r' } });
        res.json([req.params, req.baseUrl, (req.route as { path: string }).path, derived.params]);
      });
    });
    expect(with_).toEqual(without);
  });

  it('lets an error handler ask whether a route has matched', async () => {
    const onError: ErrorRequestHandler = (_error, req, res, next) => {
      if (Object.hasOwn(req, 'route')) return next(new Error((req.route as { path: string }).path));
      res.status(418).json('no route');
    };
    const [without, with_] = await seen((app) => {
      app.use((_req, _res, next) => next(new Error('early')));
      app.use(onError);
    });
    expect(without).toEqual([418, 'no route']);
    expect(with_).toEqual(without);
  });

  it('gives layers methods with their own names and lengths', async () => {
    const [, with_] = await seen((app) => {
      app.use((req, res) => {
        const { _router } = req.app as never as { _router?: { stack: object[] } };
        const { stack } = _router ?? req.app.router;
        const layer = Object.getPrototypeOf(stack[0]) as Record<string, () => void>;
        const methods = ['handle_request', 'handleRequest', 'handle_error', 'handleError'].flatMap(
          (name) => layer[name] ?? [],
        );
        res.json(methods.map(({ name, length }) => [name, length]));
      });
    });
    expect(with_).toEqual([200, expect.arrayContaining([[expect.stringMatching(/^handle/), 3]])]);
  });

  it('takes a route without a path for none', async () => {
    const [without, with_] = await seen((app) => {
      app.use((req, res) => {
        Object.assign(req, { route: { path: null } });
        const { audit } = req as Partial<typeof req>;
        void audit?.({ action: 'seen' });
        res.json('fine');
      });
    });
    expect(with_).toEqual(without);
  });

  describe('the route and path of parameters that a `param` refuses', () => {
    const refusing = (
      app: Express,
      nested: boolean,
      answer: (res: Parameters<RequestHandler>[1], next: () => void) => void,
    ) => {
      const router = nested ? express.Router() : app;
      router.param('token', (_req, res, next) =>
        answer(res, () => next(Object.assign(new Error('no'), { status: 401 }))),
      );
      router.get('/reset/:token', (_req, res) => void res.end());
      if (nested) app.use('/orgs/:id', router as never);
    };
    const serveRefusing = (mount: (app: Express) => void) =>
      serveLedger(store, ({ audit }) => {
        const app = express();
        app.set('env', 'test');
        app.use(auditMiddleware({ audit, identify }));
        mount(app);
        return app;
      });
    const onError: ErrorRequestHandler = (_error, _req, res, _next) => void res.sendStatus(403);

    it.each([
      [
        'by an answer',
        false,
        (res: Parameters<RequestHandler>[1]) => void res.sendStatus(401),
        '/reset/[REDACTED]',
      ],
      [
        'by an answer, in a router',
        true,
        (res: Parameters<RequestHandler>[1]) => void res.sendStatus(401),
        '/orgs/7/reset/[REDACTED]',
      ],
      ['by an error', false, (_res: unknown, next: () => void) => next(), null],
      ['by an error, in a router', true, (_res: unknown, next: () => void) => next(), null],
    ])('are known, and show no secret: %s', async (_how, nested, answer, path) => {
      for (const handlesErrors of [false, true]) {
        const app = await serveRefusing((it) => {
          refusing(it, nested, answer);
          if (handlesErrors) it.use(onError);
        });
        await supertest(app.url).get(nested ? '/orgs/7/reset/s3cr3t' : '/reset/s3cr3t');
        const [entry] = await app.entries();
        const route = nested ? '/orgs/:id/reset/:token' : '/reset/:token';
        expect(entry).toMatchObject({ action: 'auth.unauthorized_access', context: { route } });
        if (path) expect(entry!.context).toMatchObject({ path });
        expect(JSON.stringify(entry)).not.toContain('s3cr3t');
      }
    });
  });
});

describe.each(EXPRESSES)('the scope of a request in %s', (_name, express) => {
  const store = new MemoryStore();
  const byHeader = (req: Parameters<RequestHandler>[0]) => ({
    actor: req.get('x-user'),
    tenantId: req.get('x-tenant'),
  });

  /** Calls back out of a context that is none of the request's, as a client on a socket of its own does. */
  const queue: (() => void)[] = [];
  const elsewhere = (call: () => void) => void queue.push(call);
  const drain = () => {
    for (const call of queue.splice(0)) call();
  };

  async function who(mount: (app: Express, audit: TestLedger['audit']) => void, users = ['ada']) {
    const app = await serveLedger(store, ({ audit }) => {
      const it = express();
      it.set('env', 'test');
      it.use(auditMiddleware({ audit, identify: byHeader, capture }));
      mount(it, audit);
      return it;
    });
    const timer = setInterval(drain, 1);
    await Promise.all(
      users.map((user) =>
        supertest(app.url)
          .get('/orgs/7')
          .set({ 'X-User': user, 'X-Tenant': `t-${user}` }),
      ),
    );
    clearInterval(timer);
    const entries = await app.entries();
    expect(app.errors).toEqual([]);
    return entries.map(({ actor, tenantId }) => `${actor} of ${tenantId}`).sort();
  }

  const recording =
    (audit: TestLedger['audit']): RequestHandler =>
    (_req, res, next) => {
      audit.event({ action: 'seen' }).then(() => res.end(), next);
    };

  it.each<[string, (app: Express, last: RequestHandler) => void]>([
    [
      'a middleware that calls back from elsewhere',
      (app, last) => app.use((_req, _res, next) => elsewhere(next), last),
    ],
    [
      'a handler of a route',
      (app, last) => app.get('/orgs/:id', (_req, _res, next) => elsewhere(next), last),
    ],
    [
      'a router',
      (app, last) =>
        app.use(
          '/orgs',
          express.Router().use((_req, _res, next) => elsewhere(next)),
          last,
        ),
    ],
    [
      'a `param`',
      (app, last) => {
        app.param('id', (_req, _res, next) => elsewhere(next));
        app.get('/orgs/:id', last);
      },
    ],
    [
      'an application in it',
      (app, last) => {
        const inner = express();
        inner.use((_req, _res, next) => elsewhere(next));
        app.use('/orgs', inner, last);
      },
    ],
    [
      'an error handler',
      (app, last) => {
        app.use((_req, _res, next) => elsewhere(() => next(new Error('no'))));
        app.use(((_error, req, res, next) => last(req, res, next)) as ErrorRequestHandler);
      },
    ],
  ])('comes back behind %s', async (_what, mount) => {
    const users = Array.from({ length: 5 }, (_, n) => `user-${n}`);
    const seen = await who((app, audit) => mount(app, recording(audit)), users);
    expect(seen).toEqual(users.map((user) => `${user} of t-${user}`));
  });

  it('is not laid over `runAs` that a middleware has chosen for what follows', async () => {
    const seen = await who((app, audit) => {
      app.use((_req, _res, next) => audit.runAs({ actor: 'support', tenantId: 'acme' }, next));
      app.use(recording(audit));
    });
    expect(seen).toEqual(['support of acme']);
  });
});

describe.each(EXPRESSES)('a secret parameter that `param` replaces in %s', (_name, express) => {
  it.each<[string, boolean, unknown]>([
    ['by an object', false, { id: 7 }],
    ['by another text', false, 'seven'],
    ['by an object, in a mount path', true, { id: 7 }],
    ['by another text, in a mount path', true, 'seven'],
  ])('is not shown by the path: %s', async (_how, mounted, replacement) => {
    const app = await serveLedger(new MemoryStore(), ({ audit }) => {
      const it = express();
      it.use(auditMiddleware({ audit, identify, capture }));
      it.param('token', (req, _res, next) => {
        Object.assign(req.params, { token: replacement });
        next();
      });
      const seen: RequestHandler = (req, res, next) => {
        req.audit({ action: 'seen' }).then(() => res.end(), next);
      };
      if (mounted) it.use('/t/:token', express.Router().get('/x', seen));
      else it.get('/t/:token', seen);
      return it;
    });
    await supertest(app.url).get(mounted ? '/t/s3cr3t/x' : '/t/s3cr3t');
    const [entry] = await app.entries();
    expect((entry!.context as { route: string }).route).toMatch(mounted ? /\/x$/ : /^\/t\/:token$/);
    expect(JSON.stringify(entry)).not.toContain('s3cr3t');
  });
});
