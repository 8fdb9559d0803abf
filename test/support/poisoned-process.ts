import { createHash } from 'node:crypto';
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
  /**
   * The longest time that the event loop stood still, in milliseconds of processor time: what a busy machine does besides is no
   * part of it.
   */
  stillMs: number;
  /** What the same machine takes for one of the largest documents, to read and to hash it. */
  largestMs: number;
}

/** Processor time of this process so far, in milliseconds. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Watches for how long nothing else could be done. Gives what tells the longest time so far. */
function watchStandstill(): () => number {
  let last = processorTime();
  let longest = 0;
  setInterval(() => {
    const now = processorTime();
    longest = Math.max(longest, now - last);
    last = now;
  }, 5).unref();
  return () => longest;
}

function timeOfLargest(): number {
  const text = JSON.stringify(Array.from({ length: 300_000 }, (_, n) => `item-${n}`));
  const before = processorTime();
  createHash('sha256')
    .update(JSON.stringify(JSON.parse(text)))
    .digest('hex');
  return processorTime() - before;
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
  const largest = timeOfLargest();
  const longest = watchStandstill();
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
  const stillMs = Math.round(longest());
  const largestMs = Math.round(Math.max(largest, timeOfLargest()));
  process.send?.({ ids, codes, stillMs, largestMs } satisfies PoisonedReport, () => process.disconnect());
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

process.on('disconnect', () => setImmediate(() => process.exit())); // nobody is left to report to
void record(JSON.parse(process.argv[2] ?? '') as PoisonedTask);
