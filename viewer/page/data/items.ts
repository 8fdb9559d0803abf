import type { Entry } from '../../../lib/chain/entry';
import type { Fault, Page } from './api';

/** What stands where an entry should be; `first` is the lowest number of a run of them that is missing. */
export type Broken = Fault & { first?: number };

/** One row of the list: an entry, or what stands where one should be. */
export type Item =
  { seq: number; entry: Entry; fault?: never } | { seq: number | null; entry?: never; fault: Broken };

/** The rows of a page, newest first. Faults stand in their place; those without one at the end. */
export function itemsOf({ entries, faults = [] }: Page): Item[] {
  const items: Item[] = entries.map((entry) => ({ seq: entry.seq, entry }));
  if (faults.length === 0) return items;
  const broken: Item[] = faults.map((fault) => ({ seq: fault.seq, fault }));
  return [...items, ...broken].sort((a, b) => (b.seq ?? 0) - (a.seq ?? 0));
}

/**
 * The same with a row for each run of numbers that is missing, for a list in which none should be.
 * @param above the number before which the page begins, if there is one
 * @param below the number behind which it ends: 0 where the trail ends with it, null where that is not known
 */
export function withGaps(
  items: readonly Item[],
  above: number | null,
  below: number | null,
  message: (first: number, last: number) => string,
): Item[] {
  const out: Item[] = [];
  let last = above;
  const gap = (seq: number): void => {
    if (last !== null && last - seq > 1) out.push(gapOf(seq + 1, last - 1, message));
  };
  for (const item of items) {
    if (item.seq !== null) {
      gap(item.seq);
      last = item.seq;
    }
    out.push(item);
  }
  if (below !== null) gap(below);
  return out;
}

/** The row of a run of numbers that is missing. */
export function gapOf(first: number, last: number, message: (first: number, last: number) => string): Item {
  return { seq: last, fault: { seq: last, first, message: message(first, last) } };
}

/** The lowest number in a page. */
export function lowestSeq(items: readonly Item[]): number | null {
  return items.findLast(({ seq }) => seq !== null)?.seq ?? null;
}
