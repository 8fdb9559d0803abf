import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import mongoose from 'mongoose';
import type { Audit, AuditOptions, Receipt } from '../../index';
import { createAudit } from './create-audit';

/** What a process is told to do, as the JSON in its first argument. */
export interface LoadTask {
  uri: string;
  dbName: string;
  tenantId: string;
  /** Names the process in its events: `actor`, and the beginning of each `id`. */
  name: string;
  options: Omit<AuditOptions, 'connection'>;
  /** `accepted`: an id is reported once `event()` has returned. `recorded`: once its receipt is there. */
  report: 'accepted' | 'recorded';
  /** Events in all; without an end when left out. */
  count?: number;
  /** User and group that the process is to be. */
  uid?: number;
}

/** What a process tells the one that started it. */
export type LoadReport =
  | { id: string }
  | { receipt: Receipt }
  | { error: { code: string; message: string } }
  | { trace: string } // see trace-sync.ts
  | 'done';

const BURST = 5;

/** After so many of an endless load a process pauses for a millisecond: who started it has to record them all. */
const PAUSE = 15;

/** How many events may be under way where receipts are reported: the rest would only be refused. */
const MOST = 200;

async function run(task: LoadTask): Promise<void> {
  if (task.uid !== undefined) {
    process.setgid?.(task.uid);
    process.setuid?.(task.uid);
  }
  const connection = mongoose.createConnection(task.uri, {
    dbName: task.dbName,
    serverSelectionTimeoutMS: 10_000, // a busy one may take its time
  });
  connection.asPromise().catch(() => undefined); // there may be no database
  try {
    const audit = createAudit({ ...task.options, connection });
    audit.on('error', reportError);
    await record(audit, task);
  } catch (error) {
    reportError(error);
  }
  tell('done');
}

/** Events without pause, a few in each turn of the event loop. */
async function record(audit: Audit, { tenantId, name, report, count = Infinity }: LoadTask): Promise<void> {
  for (let n = 0; n < count; n++) {
    const id = `${name}-${n}`;
    const receipt = audit.event({ tenantId, actor: name, action: 'test.load', id, metadata: { n } });
    const reported = () => tell({ id });
    if (report === 'accepted') reported();
    else receipt.then(reported, () => undefined); // its error comes as 'error'
    if (count === Infinity && n % PAUSE === PAUSE - 1) await wait(1);
    else if (n % BURST === BURST - 1) await turn();
    while (report === 'recorded' && audit.stats().queued > MOST) await turn();
  }
}

function reportError(error: unknown): void {
  const { code, message } = error as { code: string; message: string };
  tell({ error: { code, message } });
}

function tell(report: LoadReport): void {
  process.send?.(report);
}

void run(JSON.parse(process.argv[2] ?? '') as LoadTask);
