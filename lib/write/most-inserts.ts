/** Inserts that run at a time, and the part of the pool that they may take: the application needs connections, too. */
const INSERTS = 16;
const SHARE = 0.5;

/** How many inserts of a ledger may run at a time. */
export function mostInserts(poolSize: number): number {
  return Math.max(1, Math.min(INSERTS, Math.floor(poolSize * SHARE)));
}
