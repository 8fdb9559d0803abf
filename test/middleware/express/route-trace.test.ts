import type { ErrorRequestHandler, RequestHandler, Router } from 'express';
import type { Express } from 'express';
import supertest from 'supertest';
import { auditMiddleware } from '../../../index';
import { MemoryStore } from '../../../models/memory/memory-store';
import { EXPRESSES } from '../../support/served';
import { serveLedger } from '../../support/served-ledger';

const identify = () => ({ actor: 'ada', tenantId: 'acme' });
const capture = { authFailures: false, exports: false };
const WILDCARD = { 'Express 4': '/files/*', 'Express 5': '/files/*token' };

describe.each(EXPRESSES)('route and path in %s', (name, express) => {
  const store = new MemoryStore();

  const ok: RequestHandler = (req, res, next) => {
    req.audit({ action: 'seen' }).then(() => res.end(), next);
  };

  /** The contexts of what was recorded during one GET, by an application that `mount` has completed. */
  async function contextsOf(path: string, mount: (app: Express, router: () => Router) => void) {
    const app = await serveLedger(store, ({ audit }) => {
      const application = express();
      application.use(auditMiddleware({ audit, identify, capture }));
      mount(application, () => express.Router());
      return application;
    });
    await supertest(app.url).get(path);
    return (await app.entries()).map(({ context }) => context as { route?: string; path?: string });
  }

  it.each([
    ['/', '/', '/'],
    ['/a/', '/a', '/a/'],
    ['/a?x=1', '/a', '/a'],
    ['/a%20b', '/:name', '/a%20b'],
  ])('of %s are %s and %s', async (url, route, path) => {
    const [context] = await contextsOf(url, (app) => {
      app.get('/', ok);
      app.get('/a', ok);
      app.get('/:name', ok);
    });
    expect(context).toMatchObject({ route, path });
  });

  it('hold the patterns of all mounts', async () => {
    const [context] = await contextsOf('/api/orgs/o1/members/m1/roles/r1', (app, router) => {
      const [api, org, member] = [router(), router(), router()];
      member.get('/roles/:role', ok);
      org.use('/members/:memberId', member);
      api.use('/orgs/:orgId', org);
      app.use('/api', api);
    });
    expect(context!.route).toBe('/api/orgs/:orgId/members/:memberId/roles/:role');
  });

  it('tell parameters of the same value apart', async () => {
    const [context] = await contextsOf('/orgs/1/members/1/x', (app, router) => {
      const [org, member] = [router(), router()];
      member.get('/x', ok);
      org.use('/members/:memberId', member);
      app.use('/orgs/:orgId', org);
    });
    expect(context!.route).toBe('/orgs/:orgId/members/:memberId/x');
  });

  it('do not take a literal for a parameter that happens to have its value', async () => {
    const [context] = await contextsOf('/orgs/orgs/x', (app, router) => {
      const org = router();
      org.get('/x', ok);
      app.use('/orgs/:orgId', org);
    });
    expect(context!.route).toBe('/orgs/:orgId/x');
  });

  it('keep them apart with mergeParams, too', async () => {
    const [context] = await contextsOf('/orgs/1/members/1/x', (app) => {
      const [org, member] = [express.Router({ mergeParams: true }), express.Router({ mergeParams: true })];
      member.get('/x', ok);
      org.use('/members/:memberId', member);
      app.use('/orgs/:orgId', org);
    });
    expect(context!.route).toBe('/orgs/:orgId/members/:memberId/x');
  });

  it('name a mount parameter with an encoded slash', async () => {
    const [context] = await contextsOf('/orgs/a%2Fb/x', (app, router) => {
      const org = router();
      org.get('/x', ok);
      app.use('/orgs/:orgId', org);
    });
    expect(context).toMatchObject({ route: '/orgs/:orgId/x', path: '/orgs/a%2Fb/x' });
  });

  it('are those of the router that answers, when an earlier one has passed', async () => {
    const [context] = await contextsOf('/orgs/1/x', (app, router) => {
      const [passing, answering] = [router(), router()];
      passing.get('/y', ok);
      answering.get('/x', ok);
      app.use('/orgs/:first', passing);
      app.use('/orgs/:second', answering);
    });
    expect(context!.route).toBe('/orgs/:second/x');
  });

  it('work in an application mounted in another', async () => {
    const [context] = await contextsOf('/v1/orgs/7/x', (app) => {
      const inner = express();
      inner.get('/orgs/:id/x', ok);
      app.use('/v1', inner);
    });
    expect(context!.route).toBe('/v1/orgs/:id/x');
  });

  it('are the last matched route, when an earlier one called next', async () => {
    const [context] = await contextsOf('/a', (app) => {
      app.get('/:any', (_req, _res, next) => next());
      app.get('/a', ok);
    });
    expect(context!.route).toBe('/a');
  });

  it('are known to a middleware that is mounted late', async () => {
    const app = await serveLedger(store, ({ audit }) => {
      const org = express.Router({ mergeParams: true });
      org.use(auditMiddleware({ audit, identify, capture }));
      org.get('/reset/:token', ok);
      const application = express();
      application.use('/orgs/:orgPassword', org);
      application.get('/alone/:pin', auditMiddleware({ audit, identify, capture }), ok);
      return application;
    });
    await supertest(app.url).get('/orgs/geheim/reset/abcdef').expect(200);
    await supertest(app.url).get('/alone/1234').expect(200);
    expect((await app.entries()).map(({ context }) => context)).toMatchObject([
      { route: '/orgs/:orgPassword/reset/:token', path: '/orgs/[REDACTED]/reset/[REDACTED]' },
      { route: '/alone/:pin', path: '/alone/[REDACTED]' },
    ]);
  });

  it.each([
    ['/reset/secret?token=x', '/reset/…'],
    ['/api/v2/members/invite-links?x=1', '/api/v2/members/invite-links'],
    ['/api/v2/invites/kjhasdkjh', '/api/v2/invites/…'],
    ['/api/v2/billing/plans.json', '/api/v2/billing/plans.json'],
    ['/orgs/64f1c0ffee64f1c0ffee64f1/members', '/orgs/…/members'],
    ['/users/7', '/users/…'],
    ['/ghp_abcdefghijklmnopqrstuvwxyz0123456789/x', '/…/x'],
    ['/password/hunter', '/password/…'],
    ['/a/b/c/d/e/f/g/h/i/j', '/a/b/c/d/e/f/g/h/…'],
    ['/', '/'],
    ['/%73ecret', '/…'],
  ])('are as much of %s as is safe when no route has matched', async (url, path) => {
    const [context] = await contextsOf(url, (app) => app.use(ok));
    expect(context).not.toHaveProperty('route');
    expect(context).toHaveProperty('path', path);
  });

  describe('when a parameter has a secret name', () => {
    it.each([
      ['/reset/s3cr3t', '/reset/[REDACTED]'],
      ['/reset/s3cr%33t', '/reset/[REDACTED]'],
      ['/reset/a%2Fb', '/reset/[REDACTED]'],
      ['/reset/%C3%A9t%C3%A9', '/reset/[REDACTED]'],
    ])('%s becomes %s', async (url, path) => {
      const [context] = await contextsOf(url, (app) => app.get('/reset/:token', ok));
      expect(context).toMatchObject({ path, route: '/reset/:token' });
    });

    it('redacts it in a mount path, and in the route', async () => {
      for (const token of ['s3cr3t', 'a%2Fb']) {
        const [context] = await contextsOf(`/t/${token}/x`, (app, router) => {
          const inner = router();
          inner.get('/x', ok);
          app.use('/t/:accessToken', inner);
        });
        expect(context).toMatchObject({ path: '/t/[REDACTED]/x', route: '/t/:accessToken/x' });
      }
    });

    it('redacts the segment of which it is a part', async () => {
      const [context] = await contextsOf('/t-s3cr3t/files/s3cr3t.csv', (app, router) => {
        const inner = router();
        inner.get('/files/:token.csv', ok);
        app.use('/t-:apiKey', inner);
      });
      expect(context).toMatchObject({ path: '/[REDACTED]/files/[REDACTED]' });
      expect(context!.route).not.toContain('s3cr3t');
    });

    it('redacts it in an error handler, where Express has forgotten the parameters', async () => {
      const onError: ErrorRequestHandler = (_error, req, res, next) => ok(req, res, next);
      const [context] = await contextsOf('/t/s3cr3t/reset/0therSecret', (app, router) => {
        const inner = router();
        inner.get('/reset/:token', (_req, _res, next) => next(new Error('no')));
        app.use('/t/:password', inner);
        app.use(onError);
      });
      expect(context).toMatchObject({
        path: '/t/[REDACTED]/reset/[REDACTED]',
        route: '/t/:password/reset/:token',
      });
    });

    it('redacts it for a handler behind the router, of which no route matched', async () => {
      const [context] = await contextsOf('/t/s3cr3t/nowhere', (app, router) => {
        const inner = router();
        inner.get('/else', ok);
        app.get('/t/s3cr3t/nowhere', (_req, _res, next) => next());
        app.use('/t/:token', inner);
        app.use(ok);
      });
      expect(context!.path).toBe('/t/[REDACTED]/nowhere');
    });

    it('redacts all segments of a wildcard', async () => {
      const [context] = await contextsOf('/files/one/two', (app) =>
        app.get(WILDCARD[name as keyof typeof WILDCARD], ok),
      );
      const named = { 'Express 4': '/files/one/two', 'Express 5': '/files/[REDACTED]/[REDACTED]' };
      expect(context!.path).toBe(named[name as keyof typeof named]); // in Express 4 wildcards have no names
    });
  });
});
