import express5 from 'express';
import request from 'supertest';
import { audited, auditCoverage, auditMiddleware, exempt, isAuditError, sensitive } from '../../../index';
import { listRoutes } from '../../../middleware/express/list-routes';
import { createTestAudit } from '../../../testing';

const express4 = jest.requireActual<typeof express5>('express4');

type Framework = typeof express5;

const ok: express5.RequestHandler = (_req, res) => void res.sendStatus(204);
const identify = () => ({ actor: 'ann', tenantId: 'acme' });

/** An application with each way to make a route. */
function built(express: Framework): express5.Express {
  const app = express();
  app.use(express.json());
  app.post('/plain', ok);
  app.route('/chain').get(ok).post(ok).delete(ok);
  app.all('/all', ok);
  app.post(['/one', '/two'], ok);
  app.put(/^\/re(gex)+$/, ok);
  const inner = express.Router({ mergeParams: true });
  inner.patch('/:id', ok);
  inner.all('/any', ok);
  const outer = express.Router();
  outer.use('/members', inner);
  outer.post('/', ok);
  app.use('/orgs/:orgId', outer);
  app.use('/again', inner);
  app.use(['/v1', '/v2'], express.Router().post('/versioned', ok));
  const sub = express();
  sub.post('/in-sub', ok);
  sub.use('/deep', express.Router().delete('/:id', ok));
  const deeper = express();
  deeper.post('/in-deeper', ok);
  sub.use('/deeper', deeper);
  app.use('/sub', sub);
  app.get('/read', ok);
  return app;
}

describe.each([
  ['5', express5],
  ['4', express4],
])('with Express %s', (version, express) => {
  it('lists each route of an application once, without calling anything of it', () => {
    const names = listRoutes(built(express)).map(({ method, path }) => `${method} ${path}`);
    expect(names).toEqual([
      'POST /plain',
      'GET /chain',
      'POST /chain',
      'DELETE /chain',
      'ALL /all',
      'POST {/one,/two}',
      'PUT /^\\/re(gex)+$/',
      'PATCH /orgs/:orgId/members/:id',
      'ALL /orgs/:orgId/members/any',
      'POST /orgs/:orgId',
      version === '5' ? 'POST {/v1,/v2}/versioned' : expect.stringMatching(/^POST .*v1.*v2.*versioned$/),
      'POST /sub/in-sub',
      'DELETE /sub/deep/:id',
      'POST /sub/deeper/in-deeper',
      'GET /read',
    ]);
  });

  it('finds the route of each request, however it is mounted', async () => {
    const audit = createTestAudit();
    const app = express();
    app.use(auditMiddleware({ audit, identify }));
    const whole = built(express);
    app.use(whole);
    const coverage = auditCoverage({ app });
    const calls: [method: 'post' | 'put' | 'patch' | 'delete', path: string][] = [
      ['post', '/plain'],
      ['post', '/chain'],
      ['delete', '/chain'],
      ['put', '/all'],
      ['post', '/two'],
      ['put', '/regexgex'],
      ['patch', '/orgs/7/members/8'],
      ['post', '/orgs/7/members/any'],
      ['post', '/orgs/7'],
      ['post', '/v2/versioned'],
      ['post', '/sub/in-sub'],
      ['delete', '/sub/deep/3'],
      ['post', '/sub/deeper/in-deeper'],
    ];
    for (const [method, path] of calls) await request(app)[method](path).expect(204);
    coverage.stop();
    const { routes, totals } = coverage.report();
    expect(totals).toEqual({ recorded: 0, exempt: 0, silent: calls.length, 'never called': 0 });
    expect(routes).toHaveLength(calls.length);
  });

  it('counts once what is made again, and passes by what only hands requests on', async () => {
    const audit = createTestAudit();
    const app = express();
    app.use(auditMiddleware({ audit, identify }));
    const pass: express5.RequestHandler = (_req, _res, next) => next();
    const recorded: express5.RequestHandler = (req, res, next) =>
      void req.audit({ action: 'a.b' }).then(() => res.sendStatus(204), next);
    const guarded = version === '5' ? '/admin/*path' : '/admin/*';
    app.all(guarded, pass);
    app.post('/admin/keys', recorded);
    app.all(version === '5' ? '/never/*path' : '/never/*', pass);
    app.post('/twice', pass);
    app.post('/twice', recorded);
    app.post('/skips', (_req, _res, next) => next('route'), ok);
    app.post('/skips', recorded);
    app.route('/chain').all(pass).post(recorded).put(ok);
    app
      .route('/mixed')
      .all((req, res, next) => (req.method === 'PATCH' ? recorded(req, res, next) : next()))
      .post(recorded);
    const twice = express.Router().post('/x', recorded);
    app.use('/a', twice).use('/b', twice).use(express.Router().post('/at-root', recorded));
    app.use('/answers', (req, res, next) => (req.method === 'POST' ? res.sendStatus(202) : next()));
    app.use((req, res, next) => (req.path === '/anywhere' ? recorded(req, res, next) : next()));
    app.use('/refuses', (_req, res) => void res.sendStatus(403));
    app.use(((_error, _req, res, _next) => void res.sendStatus(500)) satisfies express5.ErrorRequestHandler);
    app.post('/after-errors', recorded);
    const coverage = auditCoverage(app);
    const calls = {
      post: '/admin/keys /twice /skips /chain /mixed /b/x /at-root /answers /anywhere /refuses /after-errors',
      put: '/chain',
      patch: '/mixed',
      head: '/answers',
    };
    for (const [method, paths] of Object.entries(calls))
      for (const path of paths.split(' ')) await request(app)[method as keyof typeof calls](path);
    await audit.flush();
    coverage.stop();
    const states = coverage.report().routes.map(({ method, path, state }) => [`${method} ${path}`, state]);
    expect(Object.fromEntries(states)).toEqual({
      'POST /*': 'recorded',
      'POST /a/x': 'recorded',
      'POST /admin/keys': 'recorded',
      'POST /after-errors': 'recorded',
      'POST /answers/*': 'silent',
      'POST /at-root': 'recorded',
      'POST /chain': 'recorded',
      'PUT /chain': 'silent',
      'POST /mixed': 'recorded',
      'PATCH /mixed': 'recorded',
      [`ALL ${version === '5' ? '/never/*path' : '/never/*'}`]: 'never called',
      'POST /skips': 'recorded',
      'POST /twice': 'recorded',
    });
  });

  it('tells what is recorded, exempt, silent and never called, with outcomes', async () => {
    const audit = createTestAudit();
    const app = express();
    app.use(auditMiddleware({ audit, identify }), express.json());
    app.post(
      '/invitations',
      audited('org.member.invite', { resource: (req) => String((req.body as { id?: string }).id) }),
      (req, res) => void res.status((req.body as { bad?: boolean }).bad === true ? 422 : 201).end(),
    );
    app.post('/called', async (req, res) => {
      await req.audit({ action: 'a.called' });
      res.end();
    });
    app.post('/later', (req, res) => {
      res.end();
      void req.audit({ action: 'a.later' });
    });
    app.post('/health', exempt('changes nothing'), ok);
    app.use('/hooks', exempt('verified elsewhere'), express.Router().post('/stripe', ok));
    app.post('/silent', ok);
    app.delete('/never', ok);
    app.get(
      '/contacts.csv',
      sensitive('personal data'),
      (_req, res) => void res.attachment('c.csv').send('a'),
    );
    app.get('/people', sensitive('names'), ok);
    app.get('/public', ok);
    app.post('/refused', (_req, res) => void res.sendStatus(403));
    const coverage = auditCoverage(app);
    const agent = request(app);
    await agent.post('/invitations').send({ id: '7' }).expect(201);
    await agent.post('/invitations').send({ bad: true }).expect(422);
    for (const path of ['/called', '/later', '/health', '/hooks/stripe', '/silent', '/refused', '/nowhere'])
      await agent.post(path);
    for (const path of ['/contacts.csv', '/people', '/public']) await agent.get(path);
    await audit.flush();
    coverage.stop();

    const report = coverage.report();
    expect(
      Object.fromEntries(report.routes.map(({ method, path, state }) => [`${method} ${path}`, state])),
    ).toEqual({
      'POST /invitations': 'recorded',
      'POST /called': 'recorded',
      'POST /later': 'recorded',
      'POST /health': 'exempt',
      'POST /hooks/stripe': 'exempt',
      'POST /silent': 'silent',
      'POST /refused': 'silent',
      'DELETE /never': 'never called',
      'GET /contacts.csv': 'recorded',
      'GET /people': 'silent',
    });
    expect(report.routes.find(({ path }) => path === '/invitations')).toMatchObject({
      actions: ['org.member.invite'],
      outcomes: { success: { answered: 1, recorded: 1 }, failure: { answered: 1, recorded: 1 } },
    });
    expect(report.routes.find(({ path }) => path === '/health')).toMatchObject({ reason: 'changes nothing' });
    const assert = (except: (string | RegExp)[]) => () => coverage.assertComplete({ except });
    expect(assert([])).toThrow(
      /4 of 10 routes record nothing: .*DELETE \/never \(never called\).*POST \/silent \(silent\)/,
    );
    expect(assert(['POST /silent', /never|people|refused/])).not.toThrow();
    expect(assert(['POST /silent', /never|people|refused/, 'POST /gone'])).toThrow(
      /`except` names no route by POST \/gone/,
    );
    let error: unknown;
    try {
      coverage.assertComplete();
    } catch (thrown) {
      error = thrown;
    }
    expect(isAuditError(error) && error.code).toBe('COVERAGE_INCOMPLETE');
  });
});

describe('audited', () => {
  it('records once, with the outcome that the status says, and in place of what is captured', async () => {
    const audit = createTestAudit();
    const app = express5();
    app.use(auditMiddleware({ audit, identify }), express5.json());
    app.post(
      '/:status',
      audited('a.b', {
        resource: (req) => ({ id: req.params['status'] as string, type: 'thing' }),
        metadata: (req, res) => ({ sent: res.statusCode, query: req.query }),
        after: { x: 1 },
        when: (req) => req.query['skip'] === undefined,
      }),
      (req, res) => void res.status(Number(req.params['status'])).end(),
    );
    for (const status of [200, 302, 400, 401, 403, 429, 500]) await request(app).post(`/${status}`);
    await request(app).post('/200?skip=1');
    await audit.flush();
    expect(audit.entries.map(({ action, outcome, resource }) => [action, outcome, resource])).toEqual([
      ['a.b', 'success', '200'],
      ['a.b', 'success', '302'],
      ['a.b', 'failure', '400'],
      ['a.b', 'denied', '401'],
      ['a.b', 'denied', '403'],
      ['a.b', 'denied', '429'],
      ['a.b', 'failure', '500'],
    ]);
    expect(audit.entries[0]).toMatchObject({
      actor: 'ann',
      tenantId: 'acme',
      after: { x: 1 },
      metadata: { sent: 200 },
      context: { route: '/:status', statusCode: 200 },
    });
  });

  it('records what is thrown as a failure, and goes on without what its functions could not make', async () => {
    const audit = createTestAudit();
    const errors: Error[] = [];
    audit.on('error', (error) => errors.push(error));
    const app = express5();
    app.use(auditMiddleware({ audit, identify }));
    app.post(
      '/',
      audited('a.b', { resource: (req) => (req.body as { id: string }).id, metadata: () => ({ a: 1 }) }),
      () => {
        throw Object.assign(new Error('no'), { status: 500, expose: false });
      },
    );
    app.use(((_error, _req, res, _next) => void res.sendStatus(500)) satisfies express5.ErrorRequestHandler);
    await request(app).post('/').expect(500);
    await audit.flush();
    expect(audit.entries).toMatchObject([{ action: 'a.b', outcome: 'failure', metadata: { a: 1 } }]);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/`resource` of audited\('a.b'\) failed/),
    ]);
  });

  it('leaves the refusal of a stranger to capture, which has a chain for it', async () => {
    const audit = createTestAudit();
    const app = express5();
    app.use(auditMiddleware({ audit, identify: () => ({}) }));
    app.post('/', audited('a.b'), (_req, res) => void res.sendStatus(401));
    await request(app).post('/');
    await audit.flush();
    expect(audit.entries).toMatchObject([{ action: 'auth.unauthorized_access', tenantId: 'system' }]);
  });

  it('says that it needs the middleware', async () => {
    const app = express5();
    app.post('/', audited('a.b'), ok);
    app.use(
      ((error: Error, _req, res, _next) =>
        void res.status(500).send(error.message)) satisfies express5.ErrorRequestHandler,
    );
    const { text } = await request(app).post('/').expect(500);
    expect(text).toMatch(/audited\('a.b'\) has no request to record in: mount auditMiddleware\(\)/);
  });

  it.each([
    [() => audited(''), /`action` must be a name/],
    [() => audited('a', { resources: 1 } as object), /`resources` is not known/],
    [() => audited('a', { when: 1 } as never), /`when` must be a function/],
    [() => exempt(' '), /exempt needs its reason/],
    [() => sensitive(undefined as never), /sensitive needs its reason/],
    [() => auditCoverage({ apps: [] } as object), /`apps` is not known/],
    [() => auditCoverage({ routes: ['x'] }), /`routes` must be an array of names such as POST \/members/],
  ])('refuses wrong options: %#', (call, message) => {
    expect(call).toThrow(message);
  });
});
