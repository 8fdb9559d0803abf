/** How much may wait for the database. */
export interface WriteLimits {
  /** Events that wait or are under way, at most. */
  queueEvents: number;
  /** Their size in bytes, at most. */
  queueBytes: number;
  /** Entries in one insert, at most. */
  batch: number;
}

/** Bounds of one ledger in one process. */
export interface Limits extends WriteLimits {
  /** Bytes on disk that the spool may take. */
  spoolBytes: number;
  /** Bytes of canonical JSON that each of `metadata`, `before` and `after` may have. */
  valueBytes: number;
}
