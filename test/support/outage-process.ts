import mongoose from 'mongoose';
import { createAudit } from './create-audit';

/** What Node.js warned of while a server that nobody can reach kept the events of many tenants waiting. */
export interface OutageReport {
  warnings: string[];
}

const [tenants] = process.argv.slice(2).map(Number) as [number];
const warnings: string[] = [];
process.on('warning', ({ message }) => warnings.push(message));

const silent = { warn: () => undefined, error: () => undefined };
// A port that needs rights to listen on, and is nobody's.
const connection = mongoose.createConnection('mongodb://127.0.0.1:1', { serverSelectionTimeoutMS: 100 });
connection.asPromise().catch(() => undefined);
const audit = createAudit({ connection, logger: silent });
const tried = new Set<string>();
audit.on('retry', ({ tenantId }) => {
  tried.add(tenantId);
  if (tried.size < tenants) return;
  const report: OutageReport = { warnings };
  process.send?.(report, () => process.exit());
});
for (let n = 0; n < tenants; n++) void audit.event({ tenantId: `tenant-${n}`, action: 'a.b' });
