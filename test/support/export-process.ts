import mongoose from 'mongoose';
import { createAudit } from '../../index';

/** How often the memory is looked at, in chunks. */
const INTERVAL = 50;

/** Exports a chain and reports how long the text is, and by how many bytes the heap grew beyond that of a small one. */
async function exportChain(uri: string, dbName: string, small: string, large: string): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  const audit = createAudit({ connection });
  let peak = 0;
  const lengthOf = async (tenantId: string) => {
    let [length, chunks] = [0, 0];
    for await (const chunk of await audit.exportEvidence({ tenantId })) {
      length += (chunk as Buffer).length;
      if (chunks++ % INTERVAL === 0) peak = Math.max(peak, process.memoryUsage().heapUsed);
    }
    return length;
  };
  await lengthOf(small);
  const before = peak;
  const length = await lengthOf(large);
  await audit.close();
  await connection.close();
  process.send?.({ length, growth: peak - before }, () => process.disconnect());
}

const [uri, dbName, small, large] = process.argv.slice(2) as [string, string, string, string];
void exportChain(uri, dbName, small, large);
