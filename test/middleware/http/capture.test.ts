import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import compression from 'compression';
import type { Express, RequestHandler } from 'express';
import createError from 'http-errors';
import supertest from 'supertest';
import { auditMiddleware } from '../../../index';
import type { CaptureOptions } from '../../../middleware/express/options';
import { MemoryStore } from '../../../models/memory/memory-store';
import { EXPRESSES } from '../../support/served';
import { serveLedger, type ServedLedger } from '../../support/served-ledger';

const signIn: RequestHandler = (req, _res, next) => {
  if (req.get('x-user')) Object.assign(req, { user: { id: req.get('x-user'), tenantId: 'acme' } });
  next();
};

const REFUSALS = [
  [401, 'auth.unauthorized_access'],
  [403, 'auth.unauthorized_access'],
  [429, 'security.rate_limited'],
] as const;

/** Sends a request and hangs up once `begun`. */
async function hangUp({ port }: ServedLedger, path: string, begun: Promise<unknown>): Promise<void> {
  const socket = connectSocket(port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nX-User: ada\r\nAccept-Encoding: gzip\r\n\r\n`);
  await begun;
  socket.destroy();
}

/** A promise, and what settles it. */
function signal(): { begun: Promise<unknown>; begin: () => void } {
  let resolve: (value?: unknown) => void = () => undefined;
  const begun = new Promise((settle) => (resolve = settle));
  return { begun, begin: () => resolve() };
}

describe.each(EXPRESSES)('capture in %s', (_name, express) => {
  const store = new MemoryStore();

  function serveWith(mount: (app: Express) => void, capture: CaptureOptions = {}, defaultTenant?: string) {
    return serveLedger(
      store,
      ({ audit }) => {
        const app = express();
        app.set('env', 'test'); // Express logs no errors then
        app.use(auditMiddleware({ audit, capture }));
        mount(app);
        return app;
      },
      { defaultTenant },
    );
  }

  describe('of refused requests', () => {
    it.each(REFUSALS)('records %d by a handler', async (status, action) => {
      const app = await serveWith((it) => {
        it.use(signIn);
        it.get('/orgs/:id', (_req, res) => void res.status(status).json({}));
      });
      await supertest(app.url).get('/orgs/7?token=x').set('X-User', 'ada').expect(status);
      const [entry, ...more] = await app.entries();
      expect(more).toEqual([]);
      expect(entry).toMatchObject({ action, outcome: 'denied', tenantId: 'acme', actor: 'ada' });
      expect(entry!.context).toMatchObject({ statusCode: status, route: '/orgs/:id', path: '/orgs/7' });
      expect(JSON.stringify(entry)).not.toContain('token');
      expect(entry).not.toHaveProperty('metadata');
    });

    it.each(REFUSALS)('records %d before any route in the ledger’s own chain', async (status, action) => {
      const app = await serveWith((it) => {
        it.use((_req, res) => void res.sendStatus(status));
        it.get('/reset/:token', (_req, res) => void res.end());
      });
      await supertest(app.url).get('/reset/secret').expect(status);
      const [entry] = await app.entries();
      expect(entry).toMatchObject({ action, tenantId: 'system', actor: 'anonymous', actorType: 'anonymous' });
      expect(JSON.stringify(entry)).not.toContain('secret');
    });

    it.each(REFUSALS)('records %d by a thrown error', async (status, action) => {
      const app = await serveWith((it) =>
        it.get('/x', () => {
          throw createError(status);
        }),
      );
      await supertest(app.url).get('/x').expect(status);
      expect(await app.entries()).toMatchObject([{ action, context: { statusCode: status, route: '/x' } }]);
    });

    it('uses the default tenant before the ledger’s own', async () => {
      const app = await serveWith((it) => it.use((_req, res) => void res.sendStatus(401)), {}, 'only');
      await supertest(app.url).get('/').expect(401);
      expect(await app.entries()).toMatchObject([{ tenantId: 'only' }]);
    });

    it('does not believe a user who claims to belong to the ledger itself', async () => {
      const mount = (it: Express) => {
        it.use((req, res) => {
          Object.assign(req, { user: { id: 'eve', tenantId: 'system' } });
          res.sendStatus(403);
        });
      };
      const app = await serveWith(mount, {}, 'only');
      await supertest(app.url).get('/').expect(403);
      expect(await app.entries()).toMatchObject([{ tenantId: 'only', actor: 'eve' }]);
    });

    it.each([200, 302, 400, 404, 500])('does not record %d', async (status) => {
      const app = await serveWith((it) => it.use((_req, res) => void res.sendStatus(status)));
      await supertest(app.url).get('/');
      expect(await app.entries()).toEqual([]);
    });

    it.each(['failure', 'denied'] as const)(
      'leaves it to a handler that recorded %s itself',
      async (outcome) => {
        const app = await serveWith((it) => {
          it.use(signIn);
          it.use((req, res) => {
            void req.audit({ action: 'login', outcome });
            res.sendStatus(401);
          });
        });
        await supertest(app.url).get('/').set('X-User', 'ada').expect(401);
        expect((await app.entries()).map(({ action }) => action)).toEqual(['login']);
      },
    );

    it('records it beside a success, and beside an event that was refused', async () => {
      const app = await serveWith((it) => {
        it.use(signIn);
        it.use((req, res) => {
          void req.audit({ action: 'looked' });
          void req.audit({ action: '', outcome: 'denied' });
          res.sendStatus(403);
        });
      });
      await supertest(app.url).get('/').set('X-User', 'ada').expect(403);
      const actions = (await app.entries()).map(({ action }) => action);
      expect(actions).toEqual(['looked', 'auth.unauthorized_access']);
    });

    it('records it beside the activity trail', async () => {
      const app = await serveWith((it) => it.use((_req, res) => void res.sendStatus(401)), {
        requests: true,
      });
      await supertest(app.url).get('/').expect(401);
      const entries = await app.entries();
      expect(entries.map(({ action }) => action).sort()).toEqual([
        'auth.unauthorized_access',
        'http.request',
      ]);
      for (const { outcome } of entries) expect(outcome).toBe('denied');
    });

    describe('when the client hangs up first', () => {
      it.each([
        ['a handler', (res: Parameters<RequestHandler>[1]) => void res.status(401).json({ why: 'no' })],
        ['a long body', (res: Parameters<RequestHandler>[1]) => void res.status(401).send('x'.repeat(5_000))],
        ['an error', (_res: unknown, next: (error: unknown) => void) => next(createError(401))],
      ])('records a 401 by %s, once and with the address', async (_by, refuse) => {
        const { begun, begin } = signal();
        const answered = signal();
        const app = await serveWith(
          (it) => {
            it.use(compression());
            it.get('/x', (_req, res, next) => {
              begin();
              void once(res, 'close')
                .then(() => turn())
                .then(() => refuse(res, next))
                .then(answered.begin);
            });
          },
          { requests: true },
        );
        await hangUp(app, '/x', begun);
        await answered.begun;
        const entries = await app.recorded.first(2);
        expect(entries.find(({ action }) => action === 'http.request')).toMatchObject({
          outcome: 'failure',
          metadata: { completed: false },
        });
        expect(entries.filter(({ action }) => action !== 'http.request')).toMatchObject([
          {
            action: 'auth.unauthorized_access',
            metadata: { completed: false },
            context: { statusCode: 401, ipAddress: '127.0.0.1', route: '/x' },
          },
        ]);
      });
    });
  });

  describe('of requests', () => {
    it('is off by default', async () => {
      const app = await serveWith((it) => it.use((_req, res) => void res.end()));
      await supertest(app.url).get('/').expect(200);
      expect(await app.entries()).toEqual([]);
    });

    it.each([
      [200, 'success'],
      [302, 'success'],
      [401, 'denied'],
      [403, 'denied'],
      [429, 'denied'],
      [404, 'failure'],
      [503, 'failure'],
    ])('has for %d the outcome %s', async (status, outcome) => {
      const app = await serveWith((it) => it.use((_req, res) => void res.sendStatus(status)), {
        requests: true,
        authFailures: false,
      });
      await supertest(app.url).get('/').redirects(0);
      const [entry, ...more] = await app.entries();
      expect(more).toEqual([]);
      expect(entry).toMatchObject({ action: 'http.request', outcome, tenantId: 'system' });
      expect(entry!.context).toMatchObject({ statusCode: status, durationMs: expect.any(Number) as number });
      expect(entry).not.toHaveProperty('metadata');
    });

    it.each<[string, RequestHandler]>([
      [
        'thrown',
        () => {
          throw new Error('no');
        },
      ],
      ['passed to next', (_req, _res, next) => next(new Error('no'))],
      ['passed to next later', (_req, _res, next) => void setImmediate(() => next(new Error('no')))],
    ])('records an error %s as a failure', async (_how, handler) => {
      const app = await serveWith((it) => it.get('/x', handler), { requests: true });
      await supertest(app.url).get('/x').expect(500);
      expect(await app.entries()).toMatchObject([{ outcome: 'failure', context: { statusCode: 500 } }]);
    });

    it('records only what its function picks, with the answer in hand', async () => {
      const app = await serveWith((it) => it.use((_req, res) => void res.end()), {
        requests: (req, res) => req.method === 'POST' && res.statusCode === 200,
      });
      await supertest(app.url).get('/').expect(200);
      await supertest(app.url).post('/').expect(200);
      expect(await app.entries()).toMatchObject([{ context: { method: 'POST' } }]);
    });

    it('records a request that the client gave up as a failure that was not completed', async () => {
      const { begun, begin } = signal();
      const app = await serveWith((it) => it.use(begin), { requests: true });
      await hangUp(app, '/', begun);
      const [entry] = await app.recorded.first(1);
      expect(entry).toMatchObject({ outcome: 'failure', metadata: { completed: false } });
      expect(entry!.context).not.toHaveProperty('statusCode');
      expect(entry!.context).toMatchObject({ ipAddress: '127.0.0.1' });
    });

    it('records each request on a connection that is kept', async () => {
      const app = await serveWith((it) => it.use((req, res) => void res.end(req.path)), { requests: true });
      const socket = connectSocket(app.port, '127.0.0.1');
      const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
      socket.write(get('/1') + get('/2') + get('/3')); // pipelined
      const entries = await app.recorded.first(3);
      socket.destroy();
      expect(entries).toHaveLength(3);
      for (const { outcome, metadata } of entries)
        expect([outcome, metadata]).toEqual(['success', undefined]);
    });
  });
});
