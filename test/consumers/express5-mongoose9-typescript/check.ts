import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import express, { type RequestHandler } from 'express';
import {
  AuditError,
  auditMiddleware,
  auditRouter,
  createAudit,
  type Entry,
  type EvidenceReport,
  type Receipt,
  verifyEvidence,
} from 'express-audit-ledger';
import { type Destination, splunk, type StreamStatus } from 'express-audit-ledger/streams';
import { checkDestination, createTestAudit, type TestAudit } from 'express-audit-ledger/testing';
import mongoose from 'mongoose';

const connection = await mongoose
  .createConnection(process.env['MONGODB_URI']!, { dbName: process.env['DB_NAME']! })
  .asPromise();
const audit = createAudit({
  connection,
  defaultTenant: 'acme',
  ledger: 'audit.example.com',
  signingKey: generateKeyPairSync('ed25519').privateKey,
  actions: ['org.member.invite', 'org.member.remove'],
});

// @ts-expect-error an action that is not one of the ledger's
await assert.rejects(audit.event({ action: 'org.member.promote' }), { code: 'INVALID_EVENT' });

const requireAuth: RequestHandler = (req, res, next) =>
  req.get('x-user') ? next() : void res.status(401).end();
const app = express();
app.use(auditMiddleware({ audit, identify: (req) => ({ actor: req.get('x-user') }) }));
app.post('/invites/:id', async (req, res) => {
  const receipt: Receipt = await req.audit({
    action: 'org.member.invite',
    resource: String(req.params['id']),
  });
  res.json(receipt);
});
app.use(
  '/audit',
  requireAuth,
  auditRouter({ audit, authorize: (_req, permission) => permission === 'read' }),
);
const server = app.listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const headers = { 'x-user': 'ann' };

const receipt = (await (await fetch(`${url}/invites/7`, { method: 'POST', headers })).json()) as Receipt;
const entry: Entry | null = await audit.get({ tenantId: 'acme', id: receipt.id });
assert.deepEqual([entry?.seq, entry?.actor, entry?.context?.['route']], [1, 'ann', '/invites/:id']);
assert.equal((await fetch(`${url}/audit/verify`, { headers })).status, 403);
assert.equal((await audit.verify({ tenantId: 'acme' })).verdict, 'intact');

for (const [path, type] of [
  ['/audit', 'text/html'],
  ['/audit/viewer.js', 'text/javascript'],
  ['/audit/viewer.css', 'text/css'],
  ['/audit/verify.html', 'text/html'],
] as const) {
  const page = await fetch(url + path, { headers });
  assert.deepEqual([page.status, page.headers.get('content-type')], [200, `${type}; charset=utf-8`]);
}

const evidence = await audit.exportEvidence({ tenantId: 'acme', exportedBy: 'ann' });
const proof: EvidenceReport = await verifyEvidence(evidence);
assert.deepEqual([proof.verdict, proof.anchor, proof.statedBySigner], ['intact', 'self-signed', true]);

const required = createRequire(import.meta.url)('express-audit-ledger') as { AuditError: typeof AuditError };
assert.equal(required.AuditError, AuditError, 'one class for import and require');

const inMemory: TestAudit<'org.member.invite'> = createTestAudit({ actions: ['org.member.invite'] });
// @ts-expect-error an action that is not one of the ledger's
await assert.rejects(inMemory.event({ tenantId: 'acme', action: 'org.member.promote' }), {
  code: 'INVALID_EVENT',
});
await inMemory.event({ tenantId: 'acme', action: 'org.member.invite' });
const recorded: Entry[] = inMemory.entries;
assert.deepEqual(
  recorded.map(({ action }) => action),
  ['org.member.invite'],
);
auditMiddleware({ audit: inMemory }); // accepted as an Audit

const taken: number[] = [];
const to: Destination = {
  ...splunk({ url: 'http://127.0.0.1:1', token: 't' }),
  kind: 'list',
  deliver(pieces) {
    taken.push(...pieces.map(({ entry }) => entry.seq));
    return Promise.resolve({ result: 'taken' });
  },
};
await audit.streams.add({ name: 'list', to, tenants: ['acme'] });
for (let n = 0; n < 1_000 && !taken.includes(1); n++) await new Promise((resolve) => setTimeout(resolve, 20));
assert.equal(taken[0], 1);
const [stream]: StreamStatus[] = await audit.streams.status();
assert.deepEqual([stream?.name, stream?.kind, stream?.tenants], ['list', 'list', ['acme']]);
const received = (): Promise<{ tenantId: string; seq: number }[]> =>
  Promise.resolve(taken.map((seq) => ({ tenantId: 'check', seq })));
await audit.streams.remove('list');
taken.length = 0;
await checkDestination({ destination: () => to, received });

server.close();
server.closeAllConnections();
await audit.close();
await connection.dropDatabase();
await connection.close();
