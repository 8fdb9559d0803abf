import mongoose, { type Connection } from 'mongoose';
import { Audit, ledgerOf } from '../lib/audit';
import { AuditError } from '../lib/errors';
import { type LedgerOptions, type ParsedOptions, parseOptions } from '../lib/options';
import { processWide } from '../lib/process-wide';
import { assertOptions, isObject } from '../lib/util/complaints';
import { MongoStore } from './store/mongo-store';

/** Options of `createAudit`. */
export interface AuditOptions<Action extends string = string> extends LedgerOptions<Action> {
  /** Where the entries are kept: a Mongoose connection, which may still be connecting. `mongoose.connection` when left out. */
  connection?: Connection | undefined;
}

const CLOCK = { now: Date.now, random: Math.random };

/**
 * Makes a ledger on a Mongoose connection. Options are checked now, the database is met at the first event or query.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function createAudit<const Action extends string = string>(
  options: AuditOptions<Action> = {},
): Audit<Action> {
  const audit = makeAudit<Action>(parseAuditOptions(options));
  ledgerOf(audit).start();
  return audit;
}

/** Options of `createAudit`, checked. */
export interface AuditParts {
  connection: Connection;
  parsed: ParsedOptions;
}

/** @throws AuditError `INVALID_OPTIONS`. */
export function parseAuditOptions(options: AuditOptions): AuditParts {
  assertOptions('createAudit', options);
  const { connection = mongoose.connection, ...ledger } = options;
  const parsed = parseOptions(ledger);
  if (!isConnection(connection)) {
    throw new AuditError(
      'INVALID_OPTIONS',
      'createAudit: `connection` must be a Mongoose Connection, such as mongoose.connection.',
    );
  }
  return { connection, parsed };
}

/** A ledger that has not taken up its work. */
export function makeAudit<Action extends string>({ connection, parsed }: AuditParts): Audit<Action> {
  return new Audit<Action>(new MongoStore(connection, parsed.collections), parsed, CLOCK);
}

/** The shared ledgers, by the connection that they are on. */
const SHARED = processWide('shared', () => new WeakMap<Connection, Audit>());

/** The one ledger of those who give none. */
export function sharedAudit(): Audit {
  const { connection } = mongoose;
  const shared = SHARED.get(connection) ?? createAudit({ connection });
  SHARED.set(connection, shared);
  return shared;
}

/** By what it can do: the application's Mongoose may be another copy than ours. */
function isConnection(value: unknown): boolean {
  return (
    isObject(value) && typeof value['asPromise'] === 'function' && typeof value['collection'] === 'function'
  );
}

/** Closes the shared ledger, if there is one. Who needs one later gets another. */
export async function closeSharedAudit(): Promise<void> {
  const shared = SHARED.get(mongoose.connection);
  SHARED.delete(mongoose.connection);
  await shared?.close();
}
