import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { stream } from 'hono/streaming';
import { validator } from 'hono/validator';
import mongoose from 'mongoose';
import { setTimeout as wait } from 'node:timers/promises';
import { auditCollector, auditMiddleware, auditRouter, createAudit } from 'express-audit-ledger/hono';

const { MONGODB_URI, DB_NAME, PORT = '0', HOST = '127.0.0.1' } = process.env;
const connection = await mongoose.createConnection(MONGODB_URI, { dbName: DB_NAME }).asPromise();
const audit = createAudit({ connection });
const second = createAudit({ connection, collections: 'second' });

// Services, which know no request.
const things = {
  async call() {
    await wait(5);
    await audit.event({ action: 'service.called' });
  },
};
const uploads = { store: (file) => audit.event({ action: 'file.uploaded', metadata: { bytes: file.size } }) };

const jobs = [];
let wake;
void (async () => {
  for (;;) {
    if (jobs.length === 0) await new Promise((resolve) => (wake = resolve));
    jobs.shift();
    await wait(20);
    await audit.event({ action: 'queue.ran', tenantId: 'queue' });
  }
})();

const app = new Hono();
app.use(auditMiddleware({ audit }));
app.use('/second/*', auditMiddleware({ audit: second }));
app.use(async (c, next) => {
  const id = c.req.header('x-user');
  if (id) c.set('user', { id, tenantId: c.req.header('x-tenant') });
  await next();
});

app.get('/ok', (c) => c.json({ ok: true }));
app.get('/event', async (c) => c.json(await c.var.audit({ action: 'thing.read', resource: 'r1' })));
app.get('/service', async (c) => {
  await things.call();
  return c.json({ ok: true });
});
app.get('/timer', async (c) => {
  await new Promise((resolve, reject) => {
    setTimeout(() => audit.event({ action: 'timer.fired' }).then(resolve, reject), 5);
  });
  return c.json({ ok: true });
});
app.get('/queue', (c) => {
  jobs.push({});
  wake();
  return c.json({ ok: true }, 202);
});
app.get('/late', (c) => {
  setTimeout(() => {
    audit
      .event({ action: 'late' })
      .catch(({ code }) => audit.event({ tenantId: 'late', action: 'late.refused', metadata: { code } }));
  }, 50);
  return c.json({ ok: true });
});

const signedIn = async (c, next) => {
  if (!c.get('user')) throw new HTTPException(401);
  await next();
};
const refuse = (status) => (c) => c.json({ error: 'refused' }, status);
app.get('/guarded', signedIn, (c) => c.json({ ok: true }));
app.get('/forbidden', refuse(403), (c) => c.json({ ok: true }));
app.get('/limited', refuse(429), (c) => c.json({ ok: true }));
app.get('/thrown', () => {
  throw new HTTPException(403, { message: 'No' });
});
app.get('/boom', () => {
  throw new Error('boom');
});
app.post(
  '/validated',
  validator('json', (value, c) => (typeof value.name === 'string' ? value : c.text('Invalid', 400))),
  (c) => c.json(c.req.valid('json')),
);
app.post('/denied-after-body', async (c) => {
  const { text } = await c.req.json();
  return c.json({ denied: text.length }, 403);
});

const csv = { 'content-type': 'text/csv' };
const forEverybody = { 'cache-control': 'public, max-age=3600' };
app.get('/members/:id/report.csv', (c) => c.body('x'.repeat(20_000), 200, csv));
app.get('/members/:id/public.css', (c) =>
  c.body('a {}', 200, { ...forEverybody, 'content-type': 'text/css' }),
);
app.get('/public/data.json', (c) => c.json({ open: true }, 200, forEverybody));
app.get('/download', (c) => {
  c.header('content-disposition', 'attachment; filename="all.bin"');
  return stream(c, async (body) => {
    for (let i = 0; i < 20; i++) await body.write(new Uint8Array(10_000));
  });
});
app.get('/slow.csv', (c) => {
  c.header('content-type', 'text/csv');
  return stream(c, async (body) => {
    for (let i = 0; i < 500 && !body.aborted; i++) {
      await body.write(new Uint8Array(65_536));
      await body.sleep(20);
    }
  });
});
app.get('/not-modified.csv', (c) => c.body(null, 304));
const refuseLate = async (c) => {
  await wait(300);
  return c.json({ error: 'refused' }, 401);
};
app.get('/slow-denied', refuseLate);
app.get('/slow-denied-early', refuseLate);
app.post('/upload', async (c) => {
  const { file } = await c.req.parseBody();
  await uploads.store(file);
  return c.json({ ok: true });
});
app.get('/failure', async (c) => {
  await c.var.audit({ action: 'login.failed', outcome: 'failure' });
  return c.json({ error: 'wrong' }, 401);
});

const api = new Hono().basePath('/v1');
api.get('/orgs/:orgId/things/:id', async (c) => {
  await c.var.audit({ action: 'thing.shown' });
  return c.json({ ok: true });
});
app.route('/api', api);

app.get('/second/event', async (c) => c.json(await c.var.audit({ action: 'thing.read', resource: 'r1' })));
app.get('/second/denied', refuse(401));

app.route('/audit', auditRouter({ audit }));
app.post('/keys', async (c) => {
  const { tenantId } = c.get('user');
  return c.json(await audit.keys.create({ name: 'service', scopes: ['write', 'read'], tenants: [tenantId] }));
});
app.route('/ingest', auditCollector({ audit }));
app.route('/orgs/:orgId/audit', auditRouter({ audit, tenant: (c) => c.req.param('orgId') }));

const server = serve({ fetch: app.fetch, port: Number(PORT), hostname: HOST }, ({ port }) => {
  console.log(JSON.stringify({ port }));
});
process.once('SIGTERM', () => {
  server.close(async () => {
    await Promise.all([audit.close(), second.close()]);
    await connection.close();
  });
});
