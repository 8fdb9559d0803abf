import { setTimeout as wait } from 'node:timers/promises';

/** Waits before another try, in milliseconds: full jitter under a bound that doubles from `first` to `last`. */
export interface Backoff {
  first: number;
  last: number;
}

/** Another writer was faster: a few milliseconds let it finish, jitter keeps the losers apart. */
export const CONTENTION: Backoff = { first: 4, last: 64 };

/** The database is away, or refuses. */
export const OUTAGE: Backoff = { first: 100, last: 5_000 };

/** How long to wait before try number `attempt`, counted from 0. `random` is from [0, 1). */
export function delay({ first, last }: Backoff, attempt: number, random: number): number {
  return random * Math.min(last, first * 2 ** attempt);
}

/**
 * Waits, or rejects with an `AbortError` when `signal` says that nobody needs it any more.
 * @param ref whether the wait keeps the process alive
 */
export async function pause(ms: number, signal: AbortSignal, ref = true): Promise<void> {
  await wait(ms, undefined, { signal, ref });
}
