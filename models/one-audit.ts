import mongoose, { type Connection } from 'mongoose';
import { type Audit, ledgerOf, replaceLedger } from '../lib/audit';
import { AuditError } from '../lib/errors';
import { processWide } from '../lib/process-wide';
import { describeConfiguration } from '../lib/options';
import { isObject } from '../lib/util/complaints';
import { type AuditOptions, createAudit, makeAudit, parseAuditOptions, sharedAudit } from './create-audit';
import { watchOf } from './store/connection-watch';

export type { AuditOptions } from './create-audit';

/** A ledger that there is once in the process, and what it was asked for with. */
interface Kept extends Place {
  audit: Audit;
}

/** Where a ledger is, and how it records. */
interface Place {
  connection: Connection;
  /** As the chain tells it, without functions: of these each copy of a module has its own. */
  configuration: Record<string, unknown>;
}

/** Copies of a module that makes "the" ledger meet here. */
const KEPT = processWide('kept', () => new Set<Kept>());

/**
 * `createAudit`, but one ledger on a connection and collections, however often and by whichever copy of a module it is
 * asked for. Functions among the options are those of the first call.
 * @param isReplaced whether other options make another ledger, and close the one that was: programmers edit theirs
 * @throws AuditError `INVALID_OPTIONS`, also for other options where no ledger is replaced.
 */
export function createOneAudit<const Action extends string = string>(
  options: AuditOptions<Action>,
  { isReplaced }: { isReplaced: boolean },
): Audit<Action> {
  const asked = placeOf(options);
  const kept = [...KEPT].find((one) => isAlive(one) && isSamePlace(one, asked));
  const differences = kept ? differencesOf(kept.configuration, asked.configuration) : [];
  if (kept && differences.length === 0) {
    if (kept.connection !== asked.connection) ledgerOf(kept.audit).warn(OTHER_CONNECTION);
    return kept.audit;
  }
  if (kept && !isReplaced) throw different(differences);
  const audit: Audit = !kept && isShared(asked) ? sharedAudit() : createAudit(options);
  KEPT.add({ ...asked, audit });
  if (kept) replace(kept, audit);
  return audit;
}

/** The ledger of those who give none: the one that was made on mongoose's default connection, or the shared one. */
export function oneAudit(): Audit {
  const made = [...KEPT].find((one) => isAlive(one) && one.connection === mongoose.connection);
  return made?.audit ?? sharedAudit();
}

/**
 * A ledger that records nothing and touches no disk, for programs that load an application without running it.
 * @param why nothing is recorded
 */
export function createIdleAudit<const Action extends string = string>(
  options: AuditOptions<Action>,
  why: string,
): Audit<Action> {
  const { connection, parsed } = parseAuditOptions(options);
  const audit = makeAudit<Action>({ connection, parsed: { ...parsed, spool: undefined } });
  const refuse = (): Promise<never> => {
    const refusal = Promise.reject(new AuditError('CLOSED', `The event was not recorded: ${why}.`));
    refusal.catch((error: unknown) => ledgerOf(audit).report(error as Error));
    return refusal;
  };
  void audit.close(); // its batches too
  return Object.defineProperty(audit, 'event', { value: refuse });
}

const OTHER_CONNECTION =
  'createAudit was given another connection to the same database, and the ledger stays on its first one: ' +
  'transactions need that. Keep one connection in the process, see docs/frameworks/next.md';

function placeOf(options: AuditOptions): Place {
  const { connection, parsed } = parseAuditOptions(options);
  const configuration: unknown = JSON.parse(JSON.stringify(describeConfiguration(parsed)));
  return { connection, configuration: configuration as Place['configuration'] };
}

function isAlive({ audit, connection }: Kept): boolean {
  const isGone = connection !== mongoose.connection && watchOf(connection).isClosed();
  return !ledgerOf(audit).recording.isClosed && !isGone;
}

/** Modules that are loaded several times may each have opened a connection of their own. */
function isSamePlace(one: Place, other: Place): boolean {
  if (one.configuration['collections'] !== other.configuration['collections']) return false;
  if (one.connection === other.connection) return true;
  const database = databaseOf(one.connection);
  return database !== undefined && database === databaseOf(other.connection);
}

/** Tells databases apart, also before their connections are open. Mongoose has no public names for this. */
function databaseOf(connection: Connection): string | undefined {
  const { _connectionString: uri, $dbName } = connection as { _connectionString?: string; $dbName?: string };
  if (uri === undefined) return undefined;
  const inUri = /^[^/]*\/\/[^/]*\/([^?]*)/.exec(uri)?.[1];
  return `${uri} ${(connection.name as string | undefined) ?? $dbName ?? (inUri || 'test')}`;
}

/** Whether what is asked for is just the ledger of those who give none. */
function isShared({ connection, configuration }: Place): boolean {
  return (
    connection === mongoose.connection && differencesOf(placeOf({}).configuration, configuration).length === 0
  );
}

/** The paths of what is not the same in both, such as `checkpoints.everyEntries`. */
function differencesOf(one: unknown, other: unknown, path: string[] = []): string[] {
  if (isObject(one) && isObject(other)) {
    const names = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...names].flatMap((name) => differencesOf(one[name], other[name], [...path, name]));
  }
  return JSON.stringify(one) === JSON.stringify(other) ? [] : [path.join('.')];
}

function different(differences: string[]): AuditError {
  const what = differences.map((path) => `\`${path.replace('publicKey', 'signingKey')}\``).join(', ');
  const mend = 'make each ledger in one module, or give the other one `collections` of its own';
  return new AuditError(
    'INVALID_OPTIONS',
    `createAudit: there is a ledger on this database already, with another ${what}: ${mend}.`,
  );
}

/** Modules that were not loaded again hold the old one, and go on. */
function replace(old: Kept, by: Audit): void {
  KEPT.delete(old);
  replaceLedger(old.audit, by)
    .close()
    .catch((error: unknown) => ledgerOf(by).report(error as Error));
}
