const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const { readFileSync, writeFileSync } = require('node:fs');
const express = require('express');
const mongoose = require('mongoose');
const {
  AuditError,
  auditMiddleware,
  auditRouter,
  createAudit,
  isAuditError,
} = require('express-audit-ledger');

const signIn = (req, _res, next) => {
  if (req.get('authorization') === 'Bearer good-token') req.user = { id: 'ann', tenantId: 'acme' };
  next();
};
const requireAuth = (req, res, next) => (req.user ? next() : res.status(401).end());

async function main() {
  await mongoose.connect(process.env.MONGODB_URI, { dbName: process.env.DB_NAME });
  const app = express();
  app.use(auditMiddleware());
  app.use(signIn);
  app.post('/invites/:id', requireAuth, async (req, res) => {
    res.json(await req.audit({ action: 'org.member.invite', resource: req.params.id }));
  });
  app.use('/audit', requireAuth, auditRouter());
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  const headers = { authorization: 'Bearer good-token' };

  const invite = await (await fetch(`${url}/invites/7`, { method: 'POST', headers })).json();
  assert.equal(invite.seq, 1);
  const { entries } = await (await fetch(`${url}/audit/entries`, { headers })).json();
  assert.deepEqual([entries.length, entries[0].actor, entries[0].context.route], [1, 'ann', '/invites/:id']);
  const report = await (await fetch(`${url}/audit/verify`, { headers })).json();
  assert.deepEqual([report.verdict, report.size], ['intact', 1]);
  assert.equal((await fetch(`${url}/audit/entries`)).status, 401);

  const exported = await fetch(`${url}/audit/export?format=csv`, { headers });
  writeFileSync('evidence.csv', await exported.text());
  const command = [
    'node_modules/.bin/audit-ledger',
    'verify',
    'evidence.csv',
    '--allow-untrusted-key',
    '--json',
  ];
  const { exitCode, report: proof } = JSON.parse(
    execFileSync(command[0], command.slice(1), { encoding: 'utf8' }),
  );
  assert.deepEqual([exitCode, proof.verdict, proof.anchor, proof.entryCount], [0, 'intact', 'unsigned', 2]);

  await assert.rejects(mongoose.connection.collection('audit_entries').deleteMany({}), {
    code: 'APPEND_ONLY',
  });
  assert.throws(
    () => createAudit({ conection: 1 }),
    (error) => error instanceof AuditError && isAuditError(error),
  );
  const esm = await import('express-audit-ledger');
  assert.equal(esm.AuditError, AuditError, 'one class for import and require');
  const { jsonl, webhook } = require('express-audit-ledger/streams');
  assert.equal((await import('express-audit-ledger/streams')).jsonl, jsonl);
  assert.throws(() => webhook({ url: 'ftp://x', secret: 's' }), AuditError);
  const { createTestAudit } = require('express-audit-ledger/testing');
  const streamed = createTestAudit({ streams: [{ name: 'archive', to: jsonl({ file: 'audit.jsonl' }) }] });
  assert.deepEqual(await streamed.streams.test('archive'), { ok: true, reason: null });
  assert.equal(JSON.parse(readFileSync('audit.jsonl', 'utf8')).action, 'ledger.stream_test');
  await streamed.close();

  server.close();
  server.closeAllConnections();
  await mongoose.connection.dropDatabase();
  await mongoose.disconnect();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
