import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { auditMiddleware, auditRouter, createAudit } from 'express-audit-ledger';
import { auditCollector } from 'express-audit-ledger/collector';
import createError from 'http-errors';
import mongoose from 'mongoose';
import multer from 'multer';

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

const signIn = (req, _res, next) => {
  const id = req.get('x-user');
  if (id !== undefined) req.user = { id, tenantId: req.get('x-tenant') };
  next();
};
const requireUser = (req, res, next) => (req.user ? next() : res.status(401).json({ error: 'sign in' }));
const answer = (status) => (_req, res) => res.status(status).json({ status });

async function* rows() {
  for (let i = 0; i < 500; i++) {
    yield Buffer.alloc(65_536, 'x');
    await wait(20);
  }
}

const app = express();
app.use(auditMiddleware({ audit }));
app.use(signIn);
app.use(express.json({ limit: '2mb' }));

app.get('/ok', (_req, res) => res.json({ ok: true }));
app.get('/event', async (req, res) => res.json(await req.audit({ action: 'thing.read', resource: 'r1' })));
app.get('/service', async (_req, res) => res.json(await serve({ action: 'service.called' })));
app.get('/timer', (_req, res, next) => {
  setTimeout(() => {
    audit.event({ action: 'timer.fired' }).then((receipt) => res.json(receipt), next);
  }, 5);
});
app.get('/queue', (_req, res) => {
  jobs.push(() => audit.event({ action: 'queue.ran', tenantId: 'queue' }));
  res.status(202).end();
});
app.get('/late', (_req, res) => {
  setTimeout(() => {
    audit
      .event({ action: 'late' })
      .catch(({ code }) => audit.event({ tenantId: 'late', action: 'late.refused', metadata: { code } }));
  }, 50);
  res.json({ ok: true });
});

app.get('/guarded', requireUser, (_req, res) => res.json({ ok: true }));
app.get('/forbidden', answer(403));
app.get('/limited', answer(429));
app.get('/thrown', (_req, _res, next) => next(createError(403)));
app.get('/boom', () => {
  throw new Error('boom');
});
app.post('/validated', (req, res) =>
  typeof req.body.name === 'string' ? res.json({ ok: true }) : res.status(400).json({ error: 'name' }),
);
app.post('/denied-after-body', answer(403));
app.get('/failure', async (req, res) => {
  await req.audit({ action: 'login.failed', outcome: 'failure' });
  res.status(401).end();
});
for (const path of ['/slow-denied', '/slow-denied-early'])
  app.get(path, async (_req, res) => {
    await wait(300);
    res.status(401).end();
  });

app.get('/members/:id/report.csv', (_req, res) => res.type('csv').send('x'.repeat(20_000)));
app.get('/download', (_req, res) => {
  res.attachment('members.bin');
  Readable.from([Buffer.alloc(100_000), Buffer.alloc(100_000)]).pipe(res);
});
app.get('/slow.csv', (_req, res) => {
  Readable.from(rows()).pipe(res.type('csv'));
});
app.get('/not-modified.csv', (_req, res) => res.status(304).end());
app.get('/members/:id/public.css', (_req, res) =>
  res.type('css').set('Cache-Control', 'public, max-age=3600').send('a {}'),
);
app.get('/public/data.json', (_req, res) => res.set('Cache-Control', 'public, max-age=3600').json({}));

app.post('/upload', multer().single('file'), async (req, res) => {
  res.json(await serve({ action: 'file.uploaded', metadata: { bytes: req.file.size } }));
});

const things = express.Router();
things.get('/orgs/:orgId/things/:id', async (req, res) =>
  res.json(await req.audit({ action: 'thing.shown' })),
);
app.use('/api/v1', things);

app.use('/audit', auditRouter({ audit }));
app.post('/keys', async (req, res) =>
  res.json(
    await audit.keys.create({ name: 'service', scopes: ['write', 'read'], tenants: [req.user.tenantId] }),
  ),
);
app.use('/ingest', auditCollector({ audit }));
app.use('/orgs/:orgId/audit', auditRouter({ audit, tenant: (req) => req.params.orgId }));

const other = express.Router();
other.use(auditMiddleware({ audit: second }));
other.get('/event', async (req, res) => res.json(await req.audit({ action: 'thing.read' })));
other.get('/denied', answer(401));
app.use('/second', other);

app.use((error, _req, res, next) => {
  if (res.headersSent) return next(error);
  res.status(error.status ?? 500).json({ error: error.message });
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
