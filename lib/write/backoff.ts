/** Exponential backoff with full jitter, in milliseconds: the bound of a wait doubles from `first` to `last`. */
export interface Backoff {
  first: number;
  last: number;
}

/** After a conflict with another writer: a few milliseconds let it finish. */
export const CONTENTION: Backoff = { first: 4, last: 64 };

/** While the database is down, or refuses the insert. */
export const OUTAGE: Backoff = { first: 100, last: 5_000 };

/** How long to wait before try number `attempt`, counted from 0. `random` is from [0, 1). */
export function delay({ first, last }: Backoff, attempt: number, random: number): number {
  return random * Math.min(last, first * 2 ** attempt);
}
