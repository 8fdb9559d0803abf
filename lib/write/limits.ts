/** Bounds of the queue. */
export interface WriteLimits {
  /** Events that are queued or in a running insert, at most. */
  queueEvents: number;
  /** Their size in bytes, at most. */
  queueBytes: number;
  /** Entries in one insert, at most. */
  batch: number;
}

/** Bounds of one ledger in one process. */
export interface Limits extends WriteLimits {
  /** Bytes on disk that the spool may use. */
  spoolBytes: number;
  /** Bytes of canonical JSON that each of `metadata`, `before` and `after` may have. */
  valueBytes: number;
}
