import type { Reading } from '../chain/chain-check';
import type { PageQuery, Store } from '../store/store';
import { type Conditions, fulfils } from './conditions';

/** Entries that are looked at for one page at the most, and how long that may take, in milliseconds. */
export const LOOK = { entries: 10_000, time: 2_000 };

/** Entries that are in memory at a time, beside those that are found. */
const PORTION = 500;

/** What was found, and how far it was looked. */
export interface Scanned {
  readings: Reading[];
  /** Entries that were looked at. */
  looked: number;
  /** What was looked at last; null without any. */
  last: Reading | null;
  /** Whether there may be more behind what was looked at last. */
  isOpen: boolean;
}

/**
 * Looks at entries that a filter lets through, one after the other, for those that fulfil conditions: at most so many as a
 * page holds are found, and at most `LOOK` are looked at. What was altered so that it is no entry cannot be compared: it is
 * found, so that nobody hides an entry from a search by altering it.
 */
export async function scan(
  query: PageQuery,
  conditions: Conditions,
  store: Pick<Store, 'page'>,
  { entries, time }: typeof LOOK = LOOK,
): Promise<Scanned> {
  const begun = performance.now();
  const scanned: Scanned = { readings: [], looked: 0, last: null, isOpen: query.seq.min <= query.seq.max };
  const seq = { ...query.seq };
  // The first portion in any case: each page gets on.
  const isInTime = () => scanned.looked === 0 || performance.now() - begun < time;
  while (scanned.isOpen && scanned.looked < entries && isInTime()) {
    const limit = Math.min(PORTION, entries - scanned.looked);
    const portion = await store.page({ ...query, seq, limit });
    scanned.isOpen = portion.length === limit;
    for (const reading of portion) {
      if (scanned.readings.length === query.limit) return { ...scanned, isOpen: true };
      scanned.looked++;
      scanned.last = reading;
      if (!reading.entry || fulfils(conditions, reading.entry)) scanned.readings.push(reading);
    }
    const place = scanned.last?.seq ?? null;
    if (place === null) break; // an altered number: nothing can be said of what is behind it
    if (query.order === 'asc') seq.min = place + 1;
    else seq.max = place - 1;
  }
  return scanned;
}
