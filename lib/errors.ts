/** What went wrong, one code for each condition; docs/errors.md has a heading for every one. */
export type AuditErrorCode =
  | 'INVALID_OPTIONS'
  | 'INVALID_EVENT'
  | 'TENANT_REQUIRED'
  | 'ID_CONFLICT'
  | 'EVENT_REFUSED'
  | 'QUEUE_FULL'
  | 'STORE_UNAVAILABLE'
  | 'RECORDING_STALLED'
  | 'RECORDING_TIMEOUT'
  | 'CLOSED'
  | 'READ_ONLY'
  | 'KEY_REFUSED'
  | 'APPEND_ONLY'
  | 'TOO_MANY_CHANGES'
  | 'COVERAGE_INCOMPLETE'
  | 'INVALID_QUERY'
  | 'SIGNING_KEY_REQUIRED'
  | 'FOREIGN_COLLECTION'
  | 'UNSUITABLE_COLLECTION'
  | 'HEAD_ALTERED'
  | 'CHAIN_BLOCKED'
  | 'ENTRIES_REMOVED'
  | 'INDEX_REMOVED'
  | 'ENTRY_ALTERED'
  | 'CLOCK_AHEAD'
  | 'CHECKPOINT_FAILED'
  | 'CHECKPOINT_NOT_COPIED'
  | 'CHECKPOINT_CONTRADICTED'
  | 'CHECKPOINT_UNREADABLE'
  | 'TREE_DAMAGED'
  | 'SPOOL_UNWRITABLE'
  | 'SPOOL_DAMAGED'
  | 'CAPTURE_FAILED'
  | 'STREAM_FAILED'
  | 'UNKNOWN_STREAM'
  | 'UNREADABLE';

/** What identifies an event. */
export interface EventName {
  tenantId: string;
  id: string;
}

/** What Express answers when a handler lets the error through: without an entry below, 500. */
const STATUS: Partial<Record<AuditErrorCode, AuditError['status']>> = {
  QUEUE_FULL: 503,
  STORE_UNAVAILABLE: 503,
  RECORDING_TIMEOUT: 503,
  CLOSED: 503,
  READ_ONLY: 409,
  INVALID_QUERY: 400,
};

/** Conditions that call for somebody to look into them: their message says where to read on. */
const INVESTIGATED: ReadonlySet<AuditErrorCode> = new Set([
  'HEAD_ALTERED',
  'CHAIN_BLOCKED',
  'ENTRIES_REMOVED',
  'INDEX_REMOVED',
  'ENTRY_ALTERED',
  'CLOCK_AHEAD',
  'CHECKPOINT_CONTRADICTED',
  'TREE_DAMAGED',
  'SPOOL_DAMAGED',
]);

const BRAND = Symbol.for('express-audit-ledger.AuditError');

/** Every error of this package. The message names the subject, the offending value and the mend. */
export class AuditError extends Error {
  readonly code: AuditErrorCode;
  /** HTTP status that Express answers with when the error reaches it. */
  declare readonly status?: 400 | 409 | 503;
  /** The events that are not durable, where a flush did not get through. */
  declare readonly events?: readonly EventName[];

  constructor(
    code: AuditErrorCode,
    message: string,
    options?: { cause?: unknown; events?: readonly EventName[] },
  ) {
    super(withReference(code, message), options);
    this.code = code;
    if (options?.events) this.events = options.events;
    const status = STATUS[code];
    if (status !== undefined) this.status = status;
    Object.defineProperty(this, BRAND, { value: true });
  }

  override get name(): string {
    return 'AuditError';
  }
}

/** The message, and where to read on. An error that wraps one with the same code has that in its message already. */
function withReference(code: AuditErrorCode, message: string): string {
  const reference = `See docs/errors.md#${code.toLowerCase()}.`;
  return INVESTIGATED.has(code) && !message.endsWith(reference) ? `${message} ${reference}` : message;
}

/** Whether `value` is an `AuditError`, also one of another copy of this package. */
export function isAuditError(value: unknown): value is AuditError {
  return value instanceof Error && (value as { [BRAND]?: unknown })[BRAND] === true;
}
