import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { bodyParser } from '@koa/bodyparser';
import multer from '@koa/multer';
import Router from '@koa/router';
import { createAudit } from 'express-audit-ledger';
import { auditCollector, auditMiddleware, auditRoutes } from 'express-audit-ledger/koa';
import Koa from 'koa';
import mount from 'koa-mount';
import mongoose from 'mongoose';

const { MONGODB_URI, DB_NAME, HOST, PORT } = process.env;
await mongoose.connect(MONGODB_URI, { dbName: DB_NAME });
const audit = createAudit();
const second = createAudit({ collections: 'second' });

/** A service, which knows no request. */
async function serve(event) {
  await wait(5);
  return audit.event(event);
}

const jobs = [];
setInterval(() => {
  for (const job of jobs.splice(0)) void job();
}, 20).unref();

async function signIn(ctx, next) {
  const id = ctx.get('x-user');
  if (id !== '') ctx.state.user = { id, tenantId: ctx.get('x-tenant') };
  await next();
}

async function requireUser(ctx, next) {
  if (!ctx.state.user) ctx.throw(401, 'sign in');
  await next();
}

const answer = (status) => (ctx) => {
  ctx.status = status;
  ctx.body = { status };
};

async function* rows() {
  for (let i = 0; i < 500; i++) {
    yield Buffer.alloc(65_536, 'x');
    await wait(20);
  }
}

const router = new Router();
router.get('/ok', (ctx) => {
  ctx.body = { ok: true };
});
router.get('/event', async (ctx) => {
  ctx.body = await ctx.audit({ action: 'thing.read', resource: 'r1' });
});
router.get('/service', async (ctx) => {
  ctx.body = await serve({ action: 'service.called' });
});
router.get('/timer', async (ctx) => {
  ctx.body = await new Promise((resolve, reject) => {
    setTimeout(() => audit.event({ action: 'timer.fired' }).then(resolve, reject), 5);
  });
});
router.get('/queue', (ctx) => {
  jobs.push(() => audit.event({ action: 'queue.ran', tenantId: 'queue' }));
  ctx.status = 202;
});
router.get('/late', (ctx) => {
  setTimeout(() => {
    audit
      .event({ action: 'late' })
      .catch(({ code }) => audit.event({ tenantId: 'late', action: 'late.refused', metadata: { code } }));
  }, 50);
  ctx.body = { ok: true };
});

router.get('/guarded', requireUser, answer(200));
router.get('/forbidden', answer(403));
router.get('/limited', answer(429));
router.get('/thrown', (ctx) => ctx.throw(403));
router.get('/boom', () => {
  throw new Error('boom');
});
router.post('/validated', (ctx) => ctx.assert(typeof ctx.request.body.name === 'string', 400, 'name'));
router.post('/denied-after-body', answer(403));
router.get('/failure', async (ctx) => {
  await ctx.audit({ action: 'login.failed', outcome: 'failure' });
  ctx.status = 401;
});
router.post('/keys', async (ctx) => {
  const { tenantId } = ctx.state.user;
  ctx.body = await audit.keys.create({ name: 'service', scopes: ['write', 'read'], tenants: [tenantId] });
});
router.get('/slow-denied', async (ctx) => {
  await wait(300);
  ctx.status = 401;
});
router.get('/slow-denied-early', async (ctx) => {
  await wait(300);
  ctx.throw(401);
});

router.get('/members/:id/report.csv', (ctx) => {
  ctx.type = 'csv';
  ctx.body = 'x'.repeat(20_000);
});
router.get('/download', (ctx) => {
  ctx.attachment('members.bin');
  ctx.body = Readable.from([Buffer.alloc(100_000), Buffer.alloc(100_000)]);
});
router.get('/slow.csv', (ctx) => {
  ctx.type = 'csv';
  ctx.body = Readable.from(rows());
});
router.get('/not-modified.csv', (ctx) => {
  ctx.status = 304;
});
router.get('/members/:id/public.css', (ctx) => {
  ctx.set('Cache-Control', 'public, max-age=3600');
  ctx.type = 'css';
  ctx.body = 'a {}';
});
router.get('/public/data.json', (ctx) => {
  ctx.set('Cache-Control', 'public, max-age=3600');
  ctx.body = {};
});

router.post('/upload', multer().single('file'), async (ctx) => {
  ctx.body = await serve({ action: 'file.uploaded', metadata: { bytes: ctx.file.size } });
});

// The trail under a route whose parameter names the tenant.
router.all('/orgs/:orgId/audit{/*path}', auditRoutes({ audit, tenant: (ctx) => ctx.params.orgId }));

// A router with a prefix, mounted below another.
const things = new Router({ prefix: '/v1' });
things.get('/orgs/:orgId/things/:id', async (ctx) => {
  ctx.body = await ctx.audit({ action: 'thing.shown' });
});

const other = new Koa();
const others = new Router();
others.get('/event', async (ctx) => {
  ctx.body = await ctx.audit({ action: 'thing.read' });
});
others.get('/denied', answer(401));
other.use(auditMiddleware({ audit: second }));
other.use(others.routes());

const app = new Koa();
app.silent = true;
app.use(auditMiddleware({ audit }));
app.use(signIn);
app.use(bodyParser({ jsonLimit: '2mb' }));
app.use(mount('/audit', auditRoutes({ audit })));
app.use(auditCollector({ audit, prefix: '/ingest' }));
app.use(mount('/second', other));
app.use(mount('/api', new Koa().use(things.routes())));
app.use(router.routes());
app.use(async (ctx, next) => {
  ctx.assert(!ctx.path.includes('%') || URL.canParse(ctx.path, 'http://a'), 400);
  await next();
});

const server = app.listen(Number(PORT), HOST);
await once(server, 'listening');
console.log(JSON.stringify({ port: server.address().port }));

process.once('SIGTERM', async () => {
  server.close();
  await once(server, 'close');
  await Promise.all([audit.close(), second.close()]);
  await mongoose.disconnect();
});
