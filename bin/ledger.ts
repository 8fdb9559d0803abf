import mongoose from 'mongoose';
import { Audit } from '../lib/audit';
import { isAuditError } from '../lib/errors';
import { parseCheckpointNote } from '../lib/notes/checkpoint-note';
import { type LedgerOptions, parseOptions } from '../lib/options';
import { AppendConflict } from '../lib/store/store';
import { MongoStore } from '../models/store/mongo-store';
import type { DatabaseName } from './arguments';
import { InputError, describeReason } from './failure';
import type { Made } from './keep-open';
import { note, NOTES } from './out';
import type { Progress } from './progress';

/** How long a database is looked for, in milliseconds. */
const PATIENCE = 10_000;

/** A write that was refused so often is not tried for good: who waits for it wants to know. */
const TRIES = 4;

const CLOCK = { now: Date.now, random: Math.random };

/** Says which entries are read. */
class WatchedStore extends MongoStore {
  progress: Progress | null = null;

  override async *walk(query: Parameters<MongoStore['walk']>[0]): ReturnType<MongoStore['walk']> {
    for await (const portion of super.walk(query)) yield this.counted(portion);
  }

  private *counted<T>(portion: Iterable<T>): Iterable<T> {
    for (const each of portion) {
      this.progress?.add(1);
      yield each;
    }
  }
}

/** A ledger in a database, for one command. */
export interface OpenedLedger extends Made {
  store: WatchedStore;
  /**
   * The ledger, as one that only works when it is told to: it records neither its own start nor its end, and takes up
   * nothing that other processes left.
   */
  audit: (options: Pick<LedgerOptions, 'ledger' | 'signingKey' | 'checkpoints' | 'streams'>) => Audit;
}

/**
 * Opens a database for as long as `work` takes.
 * @throws InputError when it cannot be reached.
 */
export async function withLedger<T>(
  { uri, db, collections }: DatabaseName,
  work: (opened: OpenedLedger) => Promise<T>,
): Promise<T> {
  const made = await connect(uri, db);
  const { connection } = made;
  const opened: Audit[] = [];
  const store = new WatchedStore(connection, collections);
  const audit: OpenedLedger['audit'] = (options) => {
    const ledger = new Audit(store, parseOptions({ ...options, logger: NOTES }), CLOCK);
    opened.push(ledger);
    return ledger;
  };
  try {
    return await work({ ...made, store, audit });
  } finally {
    // What was not recorded has been said: the command failed.
    for (const each of opened) await each.close({ timeoutMs: 0 }).catch(() => undefined);
    await connection.close();
  }
}

async function connect(uri: string, db: string | undefined): Promise<Made> {
  const options = {
    serverSelectionTimeoutMS: PATIENCE,
    autoIndex: false,
    autoCreate: false,
    appName: 'audit-ledger',
    ...(db !== undefined && { dbName: db }),
  };
  try {
    return { connection: await mongoose.createConnection(uri, options).asPromise(), uri, options };
  } catch (error) {
    const mend =
      'Look whether the server runs, and whether the URI has its address and a user that may sign in';
    throw new InputError(`The database cannot be reached: ${describeReason(error)}. ${mend}.`);
  }
}

/**
 * What `work` gives, unless it waits for a write that the database keeps refusing. What the ledger warned of meanwhile
 * is said when the work is done all the same.
 * @throws what the database says.
 */
export async function unlessRefused<T>(audit: Audit, work: () => Promise<T>): Promise<T> {
  const warnings = new Set<string>();
  audit.on('error', ({ message }) => warnings.add(message));
  const refused = new Promise<never>((_, reject) => {
    audit.on('retry', ({ attempt, cause }) => {
      if (attempt < TRIES || cause instanceof AppendConflict) return;
      const mend = '`audit-ledger doctor` with the same options says more';
      reject(new InputError(`The database does not take entries: ${describeReason(cause)}. ${mend}.`));
    });
  });
  const done = await Promise.race([work(), refused]);
  note(...Array.from(warnings, (message) => `audit-ledger: ${message}`));
  return done;
}

/** The ledger's name in the newest checkpoint that is stored of a tenant; null without one. */
export async function storedLedger(store: MongoStore, tenantId: string): Promise<string | null> {
  for await (const { note } of store.checkpoints(tenantId, 'desc')) {
    const ledger = ledgerIn(originIn(note), tenantId);
    if (ledger !== null) return ledger;
  }
  return null;
}

/** The ledger that is part of the name of a tenant's key, or of the origin of its checkpoints. */
export function ledgerIn(origin: string | null, tenantId: string): string | null {
  const end = `/${encodeURIComponent(tenantId)}`;
  return origin !== null && origin.length > end.length && origin.endsWith(end)
    ? origin.slice(0, -end.length)
    : null;
}

function originIn(note: string): string | null {
  try {
    return parseCheckpointNote(note).origin;
  } catch (error) {
    if (isAuditError(error)) return null;
    throw error;
  }
}
