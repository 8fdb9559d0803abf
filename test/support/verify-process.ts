import mongoose from 'mongoose';
import { createAudit } from '../../index';

/** How often the memory is looked at, in milliseconds. */
const INTERVAL = 20;

/** Verifies a chain and reports by how many bytes the process grew beyond what verifying a small chain takes. */
async function verify(uri: string, dbName: string, small: string, large: string): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  const audit = createAudit({ connection });
  await audit.verify({ tenantId: small });
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), INTERVAL);
  const report = await audit.verify({ tenantId: large });
  clearInterval(timer);
  await connection.close();
  process.send?.({ report, growth: peak - before }, () => process.disconnect());
}

const [uri, dbName, small, large] = process.argv.slice(2) as [string, string, string, string];
void verify(uri, dbName, small, large);
