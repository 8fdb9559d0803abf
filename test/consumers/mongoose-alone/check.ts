import assert = require('node:assert/strict');
import { existsSync } from 'node:fs';
import { auditRouter, createAudit, type Receipt } from 'express-audit-ledger';
import { createTestAudit } from 'express-audit-ledger/testing';
import mongoose = require('mongoose');

/** An application without a framework, and without the types of one. */
async function main(): Promise<void> {
  for (const absent of ['express', '@types/express', 'fastify', 'koa', '@types/koa'])
    assert.ok(!existsSync(`node_modules/${absent}`), `${absent} is here`);

  const { MONGODB_URI = '', DB_NAME = '' } = process.env;
  await mongoose.connect(MONGODB_URI, { dbName: DB_NAME });
  const audit = createAudit();
  const receipt: Receipt = await audit.event({ tenantId: 'acme', action: 'job.run', actor: 'cron' });
  assert.equal(receipt.seq, 1);
  assert.equal((await audit.verify({ tenantId: 'acme' })).verdict, 'intact');
  assert.throws(() => auditRouter({ audit }), /needs Express, which could not be loaded: install express/);

  const esm = await import('express-audit-ledger');
  assert.equal(esm.createAudit, createAudit, 'one copy for import and require');
  const memory = createTestAudit();
  await memory.event({ tenantId: 'acme', action: 'job.run' });
  assert.equal(memory.entries.length, 1);

  await Promise.all([audit.close(), memory.close()]);
  await mongoose.connection.dropDatabase();
  await mongoose.disconnect();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
