import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { type AuditContext, auditMiddleware } from 'express-audit-ledger/koa';
import Koa, { type Context } from 'koa';
import { createTestAudit } from '../../../testing';
import { until } from '../../support/deadline';
import { serve, type Served } from '../../support/served';

const audit = createTestAudit();
afterEach(() => audit.clear());
afterAll(() => audit.close());

/** What the applications here are asked. */
async function serveKoa(build: (app: Koa) => void, options: object = {}): Promise<Served> {
  const app = new Koa();
  app.silent = true;
  app.use(auditMiddleware({ audit, ...options }));
  build(app);
  // Koa makes its listener of functions that return promises.
  return serve((req, res) => void app.callback()(req, res));
}

async function entries(served: Served) {
  await served.settled();
  await audit.flush();
  return audit.entries;
}

const signIn = (app: Koa) =>
  app.use((ctx, next) => {
    ctx.state.user = { id: 'ada', tenantId: 'acme' };
    return next();
  });

/** Sends a request, and hangs up when the server has it; resolves when the server knows that, too. */
async function hangUp({ port }: Served, path = '/'): Promise<void> {
  const sent = request({ port, host: '127.0.0.1', path, headers: { expect: '100-continue' } });
  sent.on('error', () => undefined);
  sent.flushHeaders();
  await once(sent, 'continue');
  sent.destroy();
}

describe('auditMiddleware of Koa', () => {
  it('finds users in the state, in the context and in its session', async () => {
    const users: ((ctx: Context) => void)[] = [
      (ctx) => void (ctx.state.user = { id: 'state', tenantId: 'acme' }),
      (ctx) => void (ctx['user'] = { id: 'context', tenantId: 'acme' }),
      (ctx) => void (ctx['session'] = { userId: 'session', tenantId: 'acme' }),
      (ctx) => {
        ctx.state.user = { sub: 'both' };
        ctx['session'] = { tenantId: 'acme' };
      },
    ];
    for (const put of users) {
      const served = await serveKoa((app) => {
        app.use(async (ctx) => {
          put(ctx);
          ctx.body = await ctx.audit({ action: 'a.b' });
        });
      });
      await fetch(served.url);
    }
    await audit.flush();
    expect(audit.entries.map(({ actor, tenantId }) => [actor, tenantId])).toEqual([
      ['state', 'acme'],
      ['context', 'acme'],
      ['session', 'acme'],
      ['both', 'acme'],
    ]);
  });

  it('has a call for contexts with types of their own', async () => {
    const app = new Koa<{ user?: string }, AuditContext>();
    app.use(auditMiddleware({ audit, identify: () => ({ actor: 'ada', tenantId: 'acme' }) }));
    app.use(async (ctx) => {
      const { seq } = await ctx.audit({ action: 'a.b' });
      ctx.body = { seq };
    });
    const served = await serve((req, res) => void app.callback()(req, res));
    expect(await (await fetch(served.url)).json()).toEqual({ seq: 1 });
  });

  it('gives the functions of its options a context', async () => {
    const seen: unknown[] = [];
    const served = await serveKoa((app) => signIn(app).use((ctx) => void (ctx.status = 401)), {
      identify: (ctx: Context) => ({ actor: ctx.get('x-user'), tenantId: 'acme' }),
      capture: { authFailures: (ctx: Context) => void seen.push(ctx.path) },
    });
    await fetch(`${served.url}/x`, { headers: { 'x-user': 'ada' } });
    expect(await entries(served)).toMatchObject([{ actor: 'ada', action: 'auth.unauthorized_access' }]);
    expect(seen).toEqual(['/x']);
  });

  it('takes the address that `app.proxy` vouches for', async () => {
    const served = await serveKoa((app) => {
      app.proxy = true;
      signIn(app).use(async (ctx) => void (ctx.body = await ctx.audit({ action: 'a.b' })));
    });
    await fetch(served.url, { headers: { 'x-forwarded-for': '192.0.2.7' } });
    expect((await entries(served))[0]?.context).toMatchObject({ ipAddress: '192.0.2.7' });
  });

  it('follows a request once, with the options of the inner middleware', async () => {
    const served = await serveKoa((app) =>
      signIn(app)
        .use(auditMiddleware({ audit, capture: { authFailures: false, requests: true } }))
        .use((ctx) => void (ctx.status = 401)),
    );
    await fetch(served.url);
    expect((await entries(served)).map(({ action }) => action)).toEqual(['http.request']);
  });

  it('redacts secret parameters of a route, under a mount too', async () => {
    const served = await serveKoa((app) =>
      signIn(app).use(async (ctx) => {
        ctx['_matchedRoute'] = '/reset/:token';
        ctx['mountPath'] = '/inner';
        ctx.body = await ctx.audit({ action: 'a.b' });
      }),
    );
    await fetch(`${served.url}/outer/inner/reset/s3cret`);
    expect((await entries(served))[0]?.context).toMatchObject({
      route: '/outer/inner/reset/:token',
      path: '/outer/inner/reset/[REDACTED]',
    });
  });
});

describe('when the client of Koa has hung up', () => {
  const late: [how: string, act: (ctx: Context) => void, status: number][] = [
    ['throws 401', (ctx) => ctx.throw(401), 401],
    ['sets 403', (ctx) => void (ctx.status = 403), 403],
    ['throws an error with statusCode 429', () => raise({ statusCode: 429 }), 429],
  ];

  it.each(late)('records the refusal of a handler that %s', async (_how, act, status) => {
    const gone = gate();
    const served = await serveKoa((app) =>
      signIn(app).use(async (ctx) => {
        if (!ctx.res.closed) ctx.res.once('close', gone.open);
        await gone.opened;
        act(ctx);
      }),
    );
    await hangUp(served);
    await until(() => audit.entries.length > 0, 'it is recorded');
    expect(audit.entries).toMatchObject([
      { actor: 'ada', outcome: 'denied', context: { statusCode: status }, metadata: { completed: false } },
    ]);
  });

  it('records nothing of an error that is no refusal', async () => {
    const ended = gate();
    const served = await serveKoa((app) =>
      signIn(app).use(async (ctx) => {
        await once(ctx.res, 'close');
        setImmediate(ended.open);
        throw new Error('boom');
      }),
    );
    await hangUp(served);
    await ended.opened;
    expect(await entries(served)).toEqual([]);
  });

  it('records a refusal although other middleware is still busy when it hangs up', async () => {
    const answered = gate();
    const app = new Koa();
    app.use(async (ctx, next) => {
      await next();
      answered.open();
      await once(ctx.res, 'close');
    });
    app.use(auditMiddleware({ audit, identify: () => ({ actor: 'ada', tenantId: 'acme' }) }));
    app.use((ctx) => void (ctx.status = 401));
    const served = await serve((req, res) => void app.callback()(req, res));
    const sent = request({ port: served.port, host: '127.0.0.1' }).on('error', () => undefined);
    sent.end();
    await answered.opened;
    sent.destroy();
    await until(() => audit.entries.length > 0, 'it is recorded');
    expect(audit.entries).toMatchObject([{ context: { statusCode: 401 } }]);
  });

  it('leaves to a handler what it answers itself', async () => {
    const ended = gate();
    const served = await serveKoa((app) =>
      signIn(app).use(async (ctx) => {
        ctx.respond = false;
        await once(ctx.res, 'close');
        ctx.res.statusCode = 403;
        ctx.res.end();
        await wait(0);
        ended.open();
      }),
    );
    await hangUp(served);
    await ended.opened;
    await until(() => audit.entries.length > 0, 'it is recorded');
    expect(audit.entries).toMatchObject([{ context: { statusCode: 403 } }]);
  });
});

/** A promise, and what resolves it. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

function raise(members: object): never {
  throw Object.assign(new Error('refused'), members);
}
