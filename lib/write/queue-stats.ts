/** Numbers for a health endpoint. All but `retries` count events. */
export interface QueueStats {
  /** Accepted, and queued in memory for an insert. */
  queued: number;
  /** In an insert that is running. */
  inFlight: number;
  /** In the spool alone, because the queue in memory is full. */
  spooled: number;
  recorded: number;
  /** Inserts that were tried again. */
  retries: number;
  /** Accepted, but not recorded: the id was taken, or the ledger was closed. */
  failed: number;
  /** How long the oldest accepted event waits that is not recorded yet, in milliseconds; 0 without any. */
  oldestWaitingMs: number;
}
