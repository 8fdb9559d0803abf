import { monitorEventLoopDelay } from 'node:perf_hooks';
import mongoose from 'mongoose';
import { createAudit } from '../../index';

/** What a process is told that records while others put in what they like, as the JSON in its first argument. */
export interface PoisonedTask {
  uri: string;
  dbName: string;
  /** Of the spool. */
  directory: string;
  ledger: string;
  signingKey: string;
  /** Names the process in its events: the beginning of each `id`. */
  name: string;
  tenants: string[];
  count: number;
}

/** What it says at its end. */
export interface PoisonedReport {
  ids: [tenantId: string, id: string][];
  /** Codes of the errors that it reported. */
  codes: string[];
  /** The longest time that the event loop stood still, in milliseconds. */
  stillMs: number;
}

const quiet = { warn: () => undefined, error: () => undefined };

/** Events under way at a time. */
const BURST = 10;

async function record({
  uri,
  dbName,
  directory,
  name,
  tenants,
  count,
  ...keys
}: PoisonedTask): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  const checkpoints = { everyEntries: 40 };
  const audit = createAudit({ connection, spool: { directory }, checkpoints, logger: quiet, ...keys });
  const codes: string[] = [];
  audit.on('error', (error) => codes.push(error.code));
  const ids: [string, string][] = [];
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  for (let n = 0; n < count; n += BURST) {
    const burst = Array.from({ length: BURST }, (_, i) => {
      const [tenantId, id] = [tenants[(n + i) % tenants.length] as string, `${name}-${n + i}`];
      ids.push([tenantId, id]);
      return recordOnce(() => audit.event({ tenantId, id, actor: name, action: 'honest.work' }));
    });
    await Promise.all(burst);
  }
  process.send?.('recorded');
  await new Promise((resolve) => process.once('message', resolve)); // until all of the poison is in
  await audit.close();
  await connection.close();
  const stillMs = Math.round(delay.max / 1e6);
  process.send?.({ ids, codes, stillMs } satisfies PoisonedReport, () => process.disconnect());
}

/** On a busy machine an awaited event may be given up, and goes on waiting: to record it again is safe. */
async function recordOnce(event: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await event();
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== 'RECORDING_TIMEOUT') throw error;
    }
  }
}

void record(JSON.parse(process.argv[2] ?? '') as PoisonedTask);
