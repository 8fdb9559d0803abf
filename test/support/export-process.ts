import mongoose from 'mongoose';
import { createAudit } from './create-audit';
import { PeakMemory } from './live-memory';

/** How often the memory is measured, in chunks. */
const INTERVAL = 10;

/** What was found out. */
export interface ExportReport {
  /** Of the long text, in bytes. */
  length: number;
  /** By how many bytes more were in use while that was read than while a short one was. */
  growth: number;
}

/** Exports a short chain and a long one, and reports what the long one took. */
async function exportChains(uri: string, dbName: string, short: string, long: string): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  const audit = createAudit({ connection });
  const memory = new PeakMemory();
  const lengthOf = async (tenantId: string) => {
    let [length, chunks] = [0, 0];
    for await (const chunk of await audit.exportEvidence({ tenantId })) {
      length += (chunk as Buffer).length;
      if (++chunks % INTERVAL === 0) memory.measure();
    }
    return length;
  };
  await lengthOf(short);
  const before = memory.take();
  const length = await lengthOf(long);
  const report: ExportReport = { length, growth: memory.take() - before };
  await audit.close();
  await connection.close();
  process.send?.(report, () => process.disconnect());
}

const [uri, dbName, short, long] = process.argv.slice(2) as [string, string, string, string];
void exportChains(uri, dbName, short, long);
