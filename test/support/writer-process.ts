import mongoose from 'mongoose';
import type { Receipt } from '../../index';
import { createAudit } from './create-audit';

/** What a writer is told to do, as the JSON in its first argument. */
export interface WriterTask {
  uri: string;
  dbName: string;
  tenantId: string;
  /** Names the writer in its events: `actor`, and the beginning of each `id`. */
  name: string;
  count: number;
  /** Entries in one insert, at most. */
  batch: number;
}

/** Records `count` events at once and reports their receipts to the process that started this one. */
async function write({ uri, dbName, tenantId, name, count, batch }: WriterTask): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  const audit = createAudit({ connection, limits: { batch } });
  const numbers = Array.from({ length: count }, (_, n) => n);
  const receipts: Receipt[] = await Promise.all(
    numbers.map((n) =>
      audit.event({ tenantId, actor: name, action: 'test.write', id: `${name}-${n}`, metadata: { n } }),
    ),
  );
  await audit.close();
  await connection.close();
  process.send?.(receipts, () => process.disconnect());
}

process.once('message', () => void write(JSON.parse(process.argv[2] ?? '') as WriterTask));
process.send?.('ready');
