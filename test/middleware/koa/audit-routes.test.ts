import Koa from 'koa';
import { auditMiddleware, auditRoutes } from 'express-audit-ledger/koa';
import { createTestAudit } from '../../../testing';
import { serve } from '../../support/served';

const audit = createTestAudit();
afterEach(() => audit.clear());
afterAll(() => audit.close());

const identify = () => ({ actor: 'ada', tenantId: 'acme' });

async function serveTrail(build: (app: Koa) => void) {
  const app = new Koa();
  app.silent = true;
  build(app);
  await audit.event({ action: 'a.b', tenantId: 'acme' });
  return serve((req, res) => void app.callback()(req, res));
}

describe('auditRoutes of Koa', () => {
  it('answers below its prefix, and passes on what is elsewhere', async () => {
    const { url } = await serveTrail((app) =>
      app.use(auditRoutes({ audit, identify, prefix: '/audit' })).use((ctx) => void (ctx.body = ctx.path)),
    );
    for (const path of ['/audit', '/audit/']) {
      const page = await fetch(`${url}${path}`);
      expect([page.status, new URL(page.url).pathname]).toEqual([200, '/audit/']);
    }
    const { entries } = (await (await fetch(`${url}/audit/entries`)).json()) as { entries: unknown[] };
    expect(entries).toHaveLength(1);
    for (const path of ['/', '/auditors', '/x/audit'])
      expect(await (await fetch(`${url}${path}`)).text()).toBe(path);
  });

  it('answers through Koa, so that other middleware has its say', async () => {
    const { url } = await serveTrail((app) =>
      app
        .use(async (ctx, next) => {
          await next();
          ctx.set('X-Response-Time', '1');
        })
        .use(auditRoutes({ audit, identify })),
    );
    const { headers } = await fetch(`${url}/export?format=jsonl`);
    expect([headers.get('x-response-time'), headers.get('cache-control')]).toEqual(['1', 'no-store']);
  });

  it('reads the identity as the middleware before it does', async () => {
    const { url } = await serveTrail((app) =>
      app.use(auditMiddleware({ audit, identify })).use(auditRoutes({ audit })),
    );
    expect((await fetch(`${url}/session`)).status).toBe(200);
  });

  it('reads it from the state without one', async () => {
    const { url } = await serveTrail((app) =>
      app
        .use((ctx, next) => {
          ctx.state.user = { id: 'ada', tenantId: 'acme' };
          return next();
        })
        .use(auditRoutes({ audit })),
    );
    expect((await fetch(`${url}/session`)).status).toBe(200);
  });
});
