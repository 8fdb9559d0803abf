import { auditCoverage } from 'express-audit-ledger';
import { audited, auditRouter, toNextHandler } from 'express-audit-ledger/next';
import { createTestAudit } from 'express-audit-ledger/testing';

const signal = (digest: string) => Object.assign(new Error('a signal'), { digest });
const request = (path = '/x', init?: RequestInit) => new Request(`http://localhost${path}`, init);
const identify = () => Promise.resolve({ actor: 'ada', tenantId: 'acme' });

// What needs Next itself is tried in test/frameworks/next.
describe('audited, without Next', () => {
  const audit = createTestAudit();
  beforeEach(() => audit.clear());
  afterAll(() => audit.close());
  const wrap = <Wrapped extends (...args: never[]) => unknown>(handler: Wrapped, more = {}) =>
    audited(handler, { audit, identify, ...more });

  it('gives events the actor that an asynchronous identify finds, once for each request', async () => {
    let asked = 0;
    const counting = () => (asked++, identify());
    const handler = wrap(
      async (_request: Request, _context: { params: Promise<{ id: string }> }) => {
        await audit.event({ action: 'a' });
        await audit.event({ action: 'b' });
        return Response.json({});
      },
      { identify: counting },
    );
    await handler(request('/things/7'), { params: Promise.resolve({ id: '7' }) });
    expect(audit.entries.map(({ actor, context }) => [actor, context?.['route'], context?.['path']])).toEqual(
      [
        ['ada', '/things/[id]', '/things/7'],
        ['ada', '/things/[id]', '/things/7'],
      ],
    );
    expect(asked).toBe(1);
  });

  it.each([
    ['NEXT_HTTP_ERROR_FALLBACK;401', 401],
    ['NEXT_HTTP_ERROR_FALLBACK;403', 403],
  ])('records the refusal %s, and throws it on as it is', async (digest, status) => {
    const thrown = signal(digest);
    const handler = wrap((_request: Request) => Promise.reject<Response>(thrown));
    await expect(handler(request())).rejects.toBe(thrown);
    await audit.flush();
    expect(audit.entries.map(({ action, context }) => [action, context?.['statusCode']])).toEqual([
      ['auth.unauthorized_access', status],
    ]);
  });

  it.each(['NEXT_HTTP_ERROR_FALLBACK;404', 'NEXT_REDIRECT;replace;/a;b;307;', 'DYNAMIC_SERVER_USAGE'])(
    'does not take %s for a refusal',
    async (digest) => {
      const handler = wrap((_request: Request) => Promise.reject(signal(digest)));
      await expect(handler(request())).rejects.toThrow('a signal');
      await audit.flush();
      expect(audit.entries).toEqual([]);
    },
  );

  it('records a refusal by nobody where identify fails', async () => {
    const reported: unknown[] = [];
    audit.on('error', (error) => reported.push(error));
    const handler = wrap((_request: Request) => Promise.resolve(new Response(null, { status: 401 })), {
      identify: () => Promise.reject(new Error('no session')),
    });
    expect((await handler(request())).status).toBe(401);
    await audit.flush();
    expect(audit.entries.map(({ action }) => action)).toEqual(['auth.unauthorized_access']);
    expect(String(reported[0])).toContain('no session');
  });

  it('lets what is no request pass where no request is answered', async () => {
    const forged = { url: 'http://localhost/', method: 'GET', headers: new Headers() };
    const handler = wrap((value: unknown) => Promise.resolve(value));
    expect(await handler(forged)).toBe(forged);
  });

  it('follows a request once, however often it is wrapped', async () => {
    const inner = wrap((_request: Request) => Promise.resolve(new Response(null, { status: 403 })));
    await wrap((given: Request) => inner(given))(request());
    await audit.flush();
    expect(audit.entries).toHaveLength(1);
  });

  it('leaves what a proxy lets pass to others', async () => {
    const headers = { 'x-middleware-next': '1' };
    const proxy = wrap(
      (_request: Request, _event: { waitUntil: () => void }) =>
        Promise.resolve(new Response(null, { headers })),
      {
        capture: { requests: true },
      },
    );
    await proxy(request('/all.csv'), { waitUntil: () => undefined });
    await audit.flush();
    expect(audit.entries).toEqual([]);
    const route = wrap((_request: Request) => Promise.resolve(new Response('a,b', { headers })));
    await (await route(request('/all.csv'))).text(); // a route may say so as often as it likes
    await audit.flush();
    expect(audit.entries).toHaveLength(1);
  });

  it('says at once what is wrong with its options', () => {
    expect(() => wrap((_request: Request) => null, { clientIp: 'x-forwarded-for' })).toThrow(
      /`clientIp` must be/,
    );
    expect(() => wrap((_request: Request) => null, { identity: identify })).toThrow(
      /`identity` is not known/,
    );
    expect(() => audited(undefined as never)).toThrow(/must be a function/);
    expect(() => toNextHandler({} as never)).toThrow(/what auditRouter\(\) gave/);
    expect(() => auditRouter({ audit, tenant: 'acme' as never })).toThrow(/`tenant` must be a function/);
  });

  it.each([
    ['/audit', {}, 302, './audit/trail.html'],
    ['/audit/', {}, 200, null],
    ['/audit/trail.html', { path: ['trail.html'] }, 200, null],
    ['/orgs/acme/audit/entries', { org: 'acme', path: ['entries'] }, 200, null],
    ['/audit/nothing', { path: ['nothing'] }, 404, null],
  ])('answers %s from the trail', async (path, params, status, location) => {
    const { GET } = toNextHandler(auditRouter({ audit, identify, tenant: () => 'acme' }));
    const response = await GET(request(path), { params: Promise.resolve(params) });
    expect([response.status, response.headers.get('location')]).toEqual([status, location]);
    await response.text();
  });

  it('shows the page as the options of the trail say', async () => {
    const { GET } = toNextHandler(
      auditRouter({
        ...{ audit, identify, tenant: () => 'acme', title: 'Acme history', home: '/home', bearer: true },
        frameAncestors: ['https://app.example.com'],
      }),
    );
    const response = await GET(request('/audit/trail.html'), {
      params: Promise.resolve({ path: ['trail.html'] }),
    });
    expect(response.headers.get('content-security-policy')).toContain(
      "frame-ancestors 'self' https://app.example.com",
    );
    const page = await response.text();
    for (const set of ['Acme history', '/home', '&quot;bearer&quot;:true']) expect(page).toContain(set);
  });
});

describe('during next build', () => {
  const phase = process.env['NEXT_PHASE'];
  beforeEach(() => (process.env['NEXT_PHASE'] = 'phase-production-build'));
  afterEach(() => {
    if (phase === undefined) delete process.env['NEXT_PHASE'];
    else process.env['NEXT_PHASE'] = phase;
  });

  it('a handler runs without a ledger', async () => {
    const handler = audited((_request: Request) => Promise.resolve(new Response(null, { status: 403 })));
    expect((await handler(request())).status).toBe(403);
  });
});

describe('what a handler says of itself', () => {
  const audit = createTestAudit();
  afterAll(() => audit.close());
  const common = { audit, identify };

  it('is recorded with the outcome of its answer, and counts in the report of coverage', async () => {
    const coverage = auditCoverage({ routes: ['POST /never'] });
    const record = {
      action: 'org.member.invite',
      resource: (_request: Request, response?: Response) => response?.headers.get('x-id') ?? 'none',
    };
    const params = { params: Promise.resolve({}) };
    type Context = typeof params;
    const answering = (status: number) =>
      audited(
        (_request: Request, _context: Context) =>
          Promise.resolve(new Response(null, { status, headers: { 'x-id': 'i_1' } })),
        { ...common, record },
      );
    await answering(201)(request('/invites', { method: 'POST' }), params);
    await answering(422)(request('/invites', { method: 'POST' }), params);
    const failing = audited((_request: Request, _context: Context) => Promise.reject(new Error('no')), {
      ...common,
      record,
    });
    await expect(failing(request('/invites', { method: 'POST' }), params)).rejects.toThrow('no');
    const nothing = (_request: Request, _context: Context) => Promise.resolve(new Response('x'));
    const answers = [
      await audited(nothing, { ...common, exempt: 'renders' })(
        request('/preview', { method: 'POST' }),
        params,
      ),
      await audited(nothing, { ...common, sensitive: 'salaries' })(request('/payroll'), params),
      await audited(nothing, common)(request('/silent', { method: 'DELETE' }), params),
    ];
    for (const answer of answers) await answer.text();
    coverage.stop();
    await audit.flush();
    const recorded = audit.entries.filter(({ action }) => action === 'org.member.invite');
    expect(recorded.map(({ outcome, resource }) => [outcome, resource])).toEqual([
      ['success', 'i_1'],
      ['failure', 'i_1'],
      ['failure', 'none'],
    ]);
    expect(
      coverage
        .report()
        .routes.map(({ method, path, state }) => [`${method} ${path}`, state])
        .sort(),
    ).toEqual([
      ['DELETE /silent', 'silent'],
      ['GET /payroll', 'silent'],
      ['POST /invites', 'recorded'],
      ['POST /never', 'never called'],
      ['POST /preview', 'exempt'],
    ]);
  });

  it.each([
    [{ record: { action: '' } }, /`action` must be a name/],
    [{ record: { action: 'a.b', resources: 1 } }, /`resources` is not known/],
    [{ exempt: ' ' }, /exempt needs its reason/],
    [{ sensitive: 1 }, /sensitive needs its reason/],
    [{ recorded: 1 }, /`recorded` is not known/],
  ])('is checked where it is said: %j', (options, message) => {
    expect(() => audited(() => undefined, options as never)).toThrow(message);
  });
});
