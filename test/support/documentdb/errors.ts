import { type Document } from 'bson';
import errorCodes from './error-codes.json';

/** What a command is answered with that `mongod` would refuse. */
export class CommandError extends Error {
  override name = 'CommandError';

  constructor(
    readonly code: number,
    readonly codeName: string,
    message: string,
    /** Further fields of the reply, such as `keyPattern`. */
    readonly details: Document = {},
  ) {
    super(message);
  }
}

/** The transaction that a command belongs to has ended, or was never there. */
export const noSuchTransaction = (reason: string): CommandError =>
  new CommandError(
    251,
    'NoSuchTransaction',
    `Given transaction number does not match any in-progress transactions: ${reason}`,
  );

/** What `mongod` says when another operation was faster. */
export const writeConflict = (): CommandError =>
  new CommandError(
    112,
    'WriteConflict',
    'Caused by :: Write conflict during plan execution and yielding is disabled. :: Please retry your operation or multi-document transaction.',
  );

/** What `mongod` says when a command has taken as long as it may. */
export const maxTimeExpired = (): CommandError =>
  new CommandError(50, 'MaxTimeMSExpired', 'operation exceeded time limit');

/** The part of `pg`'s DatabaseError that counts here. */
export interface PostgresError extends Error {
  code: string;
  detail?: string;
  constraint?: string;
}

const knownCodes = new Map(Object.entries(errorCodes) as [string, [number, string]][]);
const DUPLICATE_KEY_STATES = new Set(['M001C', '23505', '23P01']);
// serialization failure, deadlock, and a lock that another transaction held for longer than ours may wait
const WRITE_CONFLICT_STATES = new Set(['40001', '40P01', '55P03']);
// the connection is gone, or PostgreSQL is being shut down or is starting: not an answer to the command
const POSTGRES_AWAY = /^(08|57P)/;
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** Whether `error` is PostgreSQL's answer to a statement, rather than its being away or a defect of the gateway. */
export function isPostgresAnswer(error: unknown): error is PostgresError {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && SQLSTATE.test(code) && !POSTGRES_AWAY.test(code);
}

/** Whether this SQLSTATE says that another operation was faster. */
export const isConflictState = (state: string): boolean => WRITE_CONFLICT_STATES.has(state);

/** So often an operation outside a transaction is tried in all while others are faster; `mongod` has no such bound. */
export const MOST_TRIES = 100;

/** Whether this SQLSTATE says that a unique index holds the key already. */
export const isDuplicateKeyState = (state: string): boolean => DUPLICATE_KEY_STATES.has(state);

/** `mongod`'s error for a SQLSTATE; DocumentDB's own (`M0008`, …) and those of PostgreSQL that have a counterpart. */
export function errorForSqlState(state: string, message: string): CommandError {
  if (isConflictState(state)) return writeConflict();
  if (isDuplicateKeyState(state)) return new CommandError(11000, 'DuplicateKey', message);
  const [code, codeName] = knownCodes.get(state) ?? [1, 'InternalError'];
  return new CommandError(code, codeName, message);
}

/**
 * The SQLSTATE inside a write error's code, where PostgreSQL packs its five letters at six bits each; `undefined` for a
 * code that holds none.
 */
export function unpackSqlState(code: number): string | undefined {
  const letters = Array.from({ length: 5 }, (_, i) => String.fromCharCode(((code >> (6 * i)) & 63) + 48));
  const state = letters.join('');
  return SQLSTATE.test(state) ? state : undefined;
}

/** Codes after which a driver may send a retryable write again, as `mongod` labels them. */
const RETRYABLE: ReadonlySet<number> = new Set([
  6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436,
]);

/** Whether `mongod` would label a retryable write with this error, or write-concern error. */
export const isRetryableCode = (code: number): boolean => RETRYABLE.has(code);

/**
 * The reply for an error. `mongod` labels those after which a transaction as a whole may be tried again, and those after
 * which a retryable write may be sent again; labels that an error brings replace them.
 */
export function errorReply(error: CommandError, inTransaction: boolean, isRetryableWrite = false): Document {
  const transient =
    inTransaction && (error.code === 112 || error.code === 251 || isRetryableCode(error.code));
  const labels = [
    ...(transient ? ['TransientTransactionError'] : []),
    ...(isRetryableWrite && isRetryableCode(error.code) ? ['RetryableWriteError'] : []),
  ];
  return {
    ok: 0,
    errmsg: error.message,
    code: error.code,
    codeName: error.codeName,
    ...(labels.length > 0 && { errorLabels: labels }),
    ...error.details,
  };
}
