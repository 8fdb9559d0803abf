import mongoose from 'mongoose';
import type { VerificationReport } from '../../index';
import { createAudit } from './create-audit';
import { PeakMemory } from './live-memory';

/** What was found out. */
export interface VerifyReport {
  report: VerificationReport;
  /** By how many bytes more were in use while a long chain was verified than while a short one was. */
  growth: number;
  /** How often the memory was measured meanwhile. */
  measured: number;
}

/** Verifies a short chain and a long one, and reports what the long one took. */
async function verify(uri: string, dbName: string, short: string, long: string): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName, monitorCommands: true }).asPromise();
  const audit = createAudit({ connection });
  const memory = new PeakMemory();
  let measured = 0;
  // At each portion of the chain that arrives, however fast or slow that is.
  connection.getClient().on('commandSucceeded', ({ commandName }) => {
    if (commandName !== 'getMore') return;
    measured++;
    memory.measure();
  });
  await audit.verify({ tenantId: short });
  const before = memory.take();
  measured = 0;
  const report = await audit.verify({ tenantId: long });
  const answer: VerifyReport = { report, growth: memory.take() - before, measured };
  await audit.close();
  await connection.close();
  process.send?.(answer, () => process.disconnect());
}

const [uri, dbName, short, long] = process.argv.slice(2) as [string, string, string, string];
void verify(uri, dbName, short, long);
