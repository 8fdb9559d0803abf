import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import multipart from '@fastify/multipart';
import { createAudit } from 'express-audit-ledger';
import { auditCollector, auditPlugin, auditRoutes } from 'express-audit-ledger/fastify';
import Fastify from 'fastify';
import mongoose from 'mongoose';
import { others } from './others.mjs';

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

async function requireUser(request, reply) {
  if (!request.user) return reply.code(401).send({ error: 'sign in' });
}

const answer = (status) => (_request, reply) => reply.code(status).send({ status });

async function* rows() {
  for (let i = 0; i < 500; i++) {
    yield Buffer.alloc(65_536, 'x');
    await wait(20);
  }
}

const app = Fastify({ bodyLimit: 2_000_000 });
app.register(auditPlugin, { audit });
await others(app);
app.decorateRequest('user', null);
app.addHook('onRequest', async (request) => {
  const id = request.headers['x-user'];
  if (id !== undefined) request.user = { id, tenantId: request.headers['x-tenant'] };
});
app.register(multipart, { limits: { fileSize: 2_000_000 } });

app.get('/ok', async () => ({ ok: true }));
app.get('/event', (request) => request.audit({ action: 'thing.read', resource: 'r1' }));
app.get('/service', () => serve({ action: 'service.called' }));
app.get('/timer', (_request, reply) => {
  setTimeout(() => {
    audit.event({ action: 'timer.fired' }).then(
      (receipt) => reply.send(receipt),
      (error) => reply.send(error),
    );
  }, 5);
});
app.get('/queue', async (_request, reply) => {
  jobs.push(() => audit.event({ action: 'queue.ran', tenantId: 'queue' }));
  return reply.code(202).send();
});
app.get('/late', async () => {
  setTimeout(() => {
    audit
      .event({ action: 'late' })
      .catch(({ code }) => audit.event({ tenantId: 'late', action: 'late.refused', metadata: { code } }));
  }, 50);
  return { ok: true };
});

app.get('/guarded', { preHandler: requireUser }, async () => ({ ok: true }));
app.get('/forbidden', answer(403));
app.get('/limited', answer(429));
app.get('/thrown', async () => {
  throw Object.assign(new Error('no'), { statusCode: 403 });
});
app.get('/boom', async () => {
  throw new Error('boom');
});
const body = { type: 'object', properties: { name: { type: 'array' } }, required: ['name', 'kind'] };
app.post('/validated', { schema: { body } }, async () => ({ ok: true }));
app.post('/denied-after-body', answer(403));
app.get('/failure', async (request, reply) => {
  await request.audit({ action: 'login.failed', outcome: 'failure' });
  return reply.code(401).send();
});
for (const path of ['/slow-denied', '/slow-denied-early'])
  app.get(path, async (_request, reply) => {
    await wait(300);
    return reply.code(401).send();
  });

app.get('/members/:id/report.csv', (_request, reply) => reply.type('text/csv').send('x'.repeat(20_000)));
app.get('/download', (_request, reply) =>
  reply
    .header('Content-Disposition', 'attachment; filename="members.bin"')
    .send(Readable.from([Buffer.alloc(100_000), Buffer.alloc(100_000)])),
);
app.get('/slow.csv', (_request, reply) => reply.type('text/csv').send(Readable.from(rows())));
app.get('/not-modified.csv', (_request, reply) => reply.code(304).send());
app.get('/members/:id/public.css', (_request, reply) =>
  reply.header('Cache-Control', 'public, max-age=3600').type('text/css').send('a {}'),
);
app.get('/public/data.json', (_request, reply) =>
  reply.header('Cache-Control', 'public, max-age=3600').send({}),
);

app.post('/upload', async (request) => {
  const file = await request.file();
  const { length } = await file.toBuffer();
  return serve({ action: 'file.uploaded', metadata: { bytes: length } });
});

app.register(
  async (api) => {
    api.register(
      async (version) => {
        version.get('/orgs/:orgId/things/:id', (request) => request.audit({ action: 'thing.shown' }));
      },
      { prefix: '/v1' },
    );
  },
  { prefix: '/api' },
);

app.register(auditRoutes, { prefix: '/audit', audit });
app.post('/keys', ({ user }) =>
  audit.keys.create({ name: 'service', scopes: ['write', 'read'], tenants: [user.tenantId] }),
);
app.register(auditCollector, { prefix: '/ingest', audit });
app.register(auditRoutes, {
  prefix: '/orgs/:orgId/audit',
  audit,
  tenant: (request) => request.params.orgId,
});

app.register(
  async (other) => {
    other.register(auditPlugin, { audit: second });
    other.get('/event', (request) => request.audit({ action: 'thing.read' }));
    other.get('/denied', answer(401));
  },
  { prefix: '/second' },
);

app.addHook('onClose', () => Promise.all([audit.close(), second.close()]));
await app.listen({ port: Number(PORT), host: HOST });
console.log(JSON.stringify({ port: app.server.address().port }));

process.once('SIGTERM', async () => {
  await app.close();
  await mongoose.disconnect();
});
