import { openSync, writeSync } from 'node:fs';
import mongoose from 'mongoose';
import { createAudit } from './create-audit';
import { ledgerOf } from '../../lib/audit';

/** What a flooded ledger is told, as the JSON in its first argument. */
export interface FloodTask {
  uri: string;
  dbName: string;
  /** Of the spool. */
  directory: string;
  /** A file that gets a `b` when a refused request begins to be captured, and an `r` when that has returned. */
  log: string;
}

/** Requests between two looks at what else there is to do. */
const BATCH = 300;

const ACTION = 'auth.unauthorized_access';

/** Captures refused requests of few callers until it is killed, with a flush now and then. */
async function flood({ uri, dbName, directory, log }: FloodTask): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  const audit = createAudit({ connection, spool: { directory } });
  const file = openSync(log, 'a');
  const scope = { origin: () => ({}), recorded: () => undefined, isOver: true };
  const refuse = (n: number) => {
    const key = { tenantId: `t-${n % 3}`, action: ACTION, actor: '', network: `192.0.2.${n % 7}`, route: '' };
    writeSync(file, 'b');
    ledgerOf(audit).captured.fold(key, { action: ACTION, outcome: 'denied' }, scope);
    writeSync(file, 'r');
  };
  for (let batch = 0; ; batch++) {
    for (let n = 0; n < BATCH; n++) refuse(batch * BATCH + n);
    if (batch % 4 === 3) void audit.flush();
    process.send?.(batch);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

void flood(JSON.parse(process.argv[2] ?? '') as FloodTask);
