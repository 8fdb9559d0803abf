import mongoose from 'mongoose';
import { createAudit } from './create-audit';

/** What a process is told to do, as the JSON in its first argument. */
export interface CheckpointTask {
  uri: string;
  dbName: string;
  /** PEM. */
  signingKey: string;
  ledger: string;
  tenantId: string;
  /** Batches of 10 entries, each followed by a checkpoint. */
  rounds: number;
  everySeconds?: number;
}

/** Records and makes checkpoints, and reports each note; then closes, and is to end by itself. */
async function work({
  uri,
  dbName,
  tenantId,
  rounds,
  everySeconds,
  ...options
}: CheckpointTask): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  const audit = createAudit({ connection, ...options, checkpoints: { everySeconds } });
  process.send?.('begun');
  for (let round = 0; round < rounds; round++) {
    const batch = audit.batch();
    for (let n = 0; n < 10; n++) batch.event({ tenantId, actor: String(process.pid), action: 'test.write' });
    await batch.commit();
    process.send?.({ note: await audit.checkpoint(tenantId) });
  }
  await audit.close();
  await connection.close();
  process.disconnect();
}

work(JSON.parse(process.argv[2] ?? '') as CheckpointTask).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
