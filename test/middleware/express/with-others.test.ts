import { EventEmitter } from 'node:events';
import type { Express, RequestHandler } from 'express';
import session, { type SessionData, Store } from 'express-session';
import supertest from 'supertest';
import { auditMiddleware } from '../../../index';
import type { AuditMiddlewareOptions } from '../../../middleware/express/options';
import { MemoryStore } from '../../../models/memory/memory-store';
import { EXPRESSES } from '../../support/served';
import { serveLedger, type TestLedger } from '../../support/served-ledger';

const fileUpload = jest.requireActual<(options?: object) => RequestHandler>('express-fileupload');
const passport = jest.requireActual<PassportModule>('passport');

interface PassportModule {
  Passport: new () => Passport;
  Strategy: new () => { name: string; fail(): void; success(user: object): void };
}
interface Passport {
  use(strategy: object): void;
  serializeUser(write: (user: object, done: (error: null, id: unknown) => void) => void): void;
  initialize(): RequestHandler;
  authenticate(name: string, options: object): RequestHandler;
}

/** A store of sessions whose answers come over one connection for all, outside of the context of any request. */
class SharedSocketStore extends Store {
  private readonly sessions = new Map<string, string>();
  private readonly socket = new EventEmitter();
  private readonly queue: (() => void)[] = [];

  constructor() {
    super();
    this.socket.on('data', () => {
      for (const answer of this.queue.splice(0)) answer();
    });
  }

  /** Answers what waits, as data that arrives does. */
  arrive(): void {
    this.socket.emit('data');
  }

  override get(id: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    const found = this.sessions.get(id);
    this.queue.push(() => callback(null, found === undefined ? null : (JSON.parse(found) as SessionData)));
  }

  override set(id: string, data: SessionData, callback?: (error?: unknown) => void): void {
    this.sessions.set(id, JSON.stringify(data));
    this.queue.push(() => callback?.());
  }

  override destroy(id: string, callback?: (error?: unknown) => void): void {
    this.sessions.delete(id);
    this.queue.push(() => callback?.());
  }
}

describe.each(EXPRESSES)('in %s with', (_name, express) => {
  const store = new MemoryStore();

  function serveWith(
    mount: (app: Express, ledger: TestLedger) => void,
    options: AuditMiddlewareOptions = {},
  ) {
    return serveLedger(store, (ledger) => {
      const app = express();
      app.set('env', 'test');
      app.use(auditMiddleware({ audit: ledger.audit, ...options }));
      mount(app, ledger);
      return app;
    });
  }

  it('express-fileupload: a service records for the request', async () => {
    const app = await serveWith(
      (it, { audit }) => {
        it.use(fileUpload());
        it.post('/files', (_req, res, next) => {
          audit.event({ action: 'file.upload' }).then(() => res.sendStatus(201), next);
        });
      },
      { identify: (req) => ({ actor: req.get('x-user'), tenantId: 'acme' }) },
    );
    await Promise.all(
      ['ada', 'bob'].map((user) =>
        supertest(app.url)
          .post('/files')
          .set('X-User', user)
          .attach('file', Buffer.alloc(100_000), 'a.bin')
          .expect(201),
      ),
    );
    expect((await app.entries()).map(({ actor }) => actor).sort()).toEqual(['ada', 'bob']);
  });

  it('express-session on a socket that all requests share: each has its own actor', async () => {
    const sessions = new SharedSocketStore();
    const app = await serveWith((it, { audit }) => {
      it.use(session({ store: sessions, secret: 'test', resave: false, saveUninitialized: false }));
      it.post('/login/:user', (req, res) => {
        Object.assign(req.session, { userId: req.params.user, tenantId: `t-${req.params.user}` });
        res.sendStatus(204);
      });
      it.get('/orders', (_req, res, next) => {
        audit.event({ action: 'order.list' }).then(() => res.sendStatus(200), next);
      });
    });
    const data = setInterval(() => sessions.arrive(), 1);
    const users = ['ada', 'bob', 'eve'];
    await Promise.all(
      users.map(async (user) => {
        const agent = supertest.agent(app.url);
        await agent.post(`/login/${user}`).expect(204);
        await agent.get('/orders').expect(200);
      }),
    );
    clearInterval(data);
    const entries = (await app.entries()).filter(({ action }) => action === 'order.list');
    expect(entries.map(({ actor, tenantId }) => `${actor} ${tenantId}`).sort()).toEqual(
      users.map((user) => `${user} t-${user}`),
    );
  });

  it('Passport’s failureRedirect: `capture` records the sign-ins that failed', async () => {
    const own = new passport.Passport();
    class ByPassword extends passport.Strategy {
      override name = 'password';
      authenticate(req: { headers: Record<string, unknown> }) {
        if (req.headers['x-password'] === 'right') this.success({ id: 'ada' });
        else this.fail();
      }
    }
    own.use(new ByPassword());
    own.serializeUser((user, done) => done(null, user));
    const app = await serveWith(
      (it) => {
        it.use(own.initialize());
        const failureRedirect = '/login?failed=1';
        it.post('/login', own.authenticate('password', { failureRedirect, session: false }), (_req, res) =>
          res.redirect('/'),
        );
      },
      {
        capture: {
          authFailures: (req, res) =>
            req.path === '/login' &&
            req.method === 'POST' &&
            String(res.getHeader('location')).startsWith('/login')
              ? true
              : undefined,
        },
      },
    );
    const signIn = (password: string) =>
      supertest(app.url).post('/login').set('X-Password', password).redirects(0);
    for (let n = 0; n < 3; n++) await signIn('wrong').expect(302);
    await signIn('right').expect(302);
    const entries = await app.entries();
    expect(entries).toHaveLength(3);
    for (const entry of entries)
      expect(entry).toMatchObject({
        action: 'auth.unauthorized_access',
        outcome: 'denied',
        context: { route: '/login' },
      });
  });

  it('a queue in the process: no job is booked on the request that happens to run it', async () => {
    const jobs: (() => Promise<unknown>)[] = [];
    let working: Promise<unknown> = Promise.resolve();
    const app = await serveWith(
      (it, { audit }) => {
        it.post('/jobs', (req, res) => {
          const user = req.get('x-user') ?? '';
          jobs.push(() => audit.event({ action: 'job.unnamed' }).catch((error: unknown) => error));
          jobs.push(() =>
            audit.runAs({ actor: user, tenantId: `t-${user}` }, () => audit.event({ action: 'job.done' })),
          );
          res.sendStatus(202);
        });
        it.get('/drain', (_req, res) => {
          res.sendStatus(200);
          working = Promise.all(jobs.splice(0).map((job) => job()));
        });
      },
      { identify: (req) => ({ actor: req.get('x-user'), tenantId: `t-${req.get('x-user')}` }) },
    );
    await supertest(app.url).post('/jobs').set('X-User', 'bob').expect(202);
    await supertest(app.url).get('/drain').set('X-User', 'ada').expect(200);
    expect(await working).toMatchObject([{ code: 'TENANT_REQUIRED' }, { tenantId: 't-bob' }]);
    expect(await app.entries()).toMatchObject([{ action: 'job.done', actor: 'bob', tenantId: 't-bob' }]);
  });
});
