const DUPLICATE_KEY = 11_000;
const WRITE_CONFLICT = 112;
const UNAUTHORIZED = 13;
const NAMESPACE_NOT_FOUND = 26;
const BAD_VALUE = 2;
const MAX_TIME_EXPIRED = 50;

/** MongoDB Atlas has its own code for an operation that the role may not do. */
const ATLAS_ERROR = 8000;

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

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null | undefined)?.code;
}
