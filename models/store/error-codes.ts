const DUPLICATE_KEY = 11_000;
const WRITE_CONFLICT = 112;
const UNAUTHORIZED = 13;
const NAMESPACE_NOT_FOUND = 26;
const BAD_VALUE = 2;
const MAX_TIME_EXPIRED = 50;
const INDEX_OPTIONS_CONFLICT = 85;
const INDEX_KEY_SPECS_CONFLICT = 86;

/** MongoDB Atlas has its own code for an operation that the role may not do. */
const ATLAS_ERROR = 8000;

/** Codes of cursors that are gone: not found, killed, or longer at work than they may be. */
const CURSOR_LOST: ReadonlySet<unknown> = new Set([43, 50, 136, 175, 237, 262, 11_601]);

/** Codes that tell of the server and not of what it was given: elections, shutdown, locks, limits, disks, rights. */
const STATES: ReadonlySet<unknown> = new Set([
  ...[6, 7, 13, 18, 24, 26, 46, 59, 63, 64, 79, 89, 91, 95, 100, 112, 117, 133, 134, 148, 150, 166, 189],
  ...[202, 225, 246, 251, 279, 290, 314, 317, 358, 365, 371, 391, 462, 8000, 9001],
  ...[10_058, 10_107, 11_600, 11_602, 13_388, 13_435, 13_436, 14_031, 16_500],
  ...CURSOR_LOST,
]);

/** Labels of errors after which the same may succeed. */
const PASSING_LABELS = [
  'RetryableWriteError',
  'TransientTransactionError',
  'RetryableError',
  'SystemOverloadedError',
];

/** What the driver throws for a document that it cannot write, by name: the application may use another copy. */
const UNWRITABLE: ReadonlySet<string> = new Set([
  'BSONError',
  'BSONRuntimeError',
  'MongoInvalidArgumentError',
]);

/** Whether a document with the same key is there already. */
export function isDuplicateKey(error: unknown): boolean {
  return codeOf(error) === DUPLICATE_KEY;
}

/** Whether another process wrote the same document, before or at the same time. */
export function isConflict(error: unknown): boolean {
  return isDuplicateKey(error) || codeOf(error) === WRITE_CONFLICT;
}

/** Whether the database role may not do the operation. */
export function isNotAllowed(error: unknown): boolean {
  const code = codeOf(error);
  return code === UNAUTHORIZED || code === ATLAS_ERROR;
}

/** Whether the server has ended an operation that took longer than its `maxTimeMS`. */
export function isTimeUp(error: unknown): boolean {
  return codeOf(error) === MAX_TIME_EXPIRED;
}

/** Whether the collection is not there. */
export function isMissingCollection(error: unknown): boolean {
  return codeOf(error) === NAMESPACE_NOT_FOUND;
}

/** Whether the index that a query named with `hint` is not there. */
export function isMissingHint(error: unknown): boolean {
  return codeOf(error) === BAD_VALUE && /\bhint\b/.test((error as Error).message);
}

/** Whether an index cannot be made because there is a similar one, of another name or with other options. */
export function isIndexConflict(error: unknown): boolean {
  const code = codeOf(error);
  return code === INDEX_OPTIONS_CONFLICT || code === INDEX_KEY_SPECS_CONFLICT;
}

/** Whether an error tells of the network or of the server's state, so that the same may succeed later. */
export function isPassing(error: unknown): boolean {
  const { name, hasErrorLabel } = error as { name?: unknown; hasErrorLabel?: (label: string) => boolean };
  if (name === 'MongoWriteConcernError' || STATES.has(codeOf(error))) return true;
  return PASSING_LABELS.some((label) => hasErrorLabel?.call(error, label) === true);
}

/** Whether the server, or the driver before it, has refused an insert, as far as is known for what is in it. */
export function isRefusal(error: unknown): boolean {
  if (isPassing(error)) return false;
  return (
    typeof codeOf(error) === 'number' || UNWRITABLE.has((error as Error).name) || error instanceof RangeError
  );
}

/** Whether the server has answered that it does not do this, which it will not do later either. */
export function isUnsupported(error: unknown): boolean {
  return isNotAllowed(error) || (typeof codeOf(error) === 'number' && !isPassing(error));
}

/** Whether a cursor was lost, for whatever reason that another one may not meet. */
export function isCursorLost(error: unknown): boolean {
  const { name } = error as { name?: unknown };
  return (
    isPassing(error) ||
    name === 'NoAnswer' ||
    /^Mongo(Network|PoolCleared|ServerSelection)/.test(String(name))
  );
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code;
}
