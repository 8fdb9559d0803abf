import type { Entry } from '../../../lib/chain/entry';
import type { LookedAt, Page } from './api';
import { type Filter, isUnbroken, NO_FILTER } from './filter';
import { gapOf, type Item, itemsOf, lowestSeq, withGaps } from './items';
import { type Slot, Slots } from './slots';

/** Live entries above the first page. With more of them, the first page is to be loaded again. */
const MAX_LIVE = 500;

/** The action of the entry that the server may record when somebody reads the trail. */
export const READ_ACTION = 'audit.read';

/** Is told which entries are in memory. */
export interface Watcher {
  loaded(entries: Entry[]): void;
  dropped(items: readonly Item[]): void;
}

/** What became of new entries. After `stale`, the first page is to be loaded again. */
export type Change = 'none' | 'changed' | 'stale';

/**
 * The entries that the list has loaded, without any fetching. It changes in place: an immutable state would need a copy
 * of the table of pages for each live entry, and pages that are fetched again are known by their identity.
 */
export class LoadedTrail {
  filter: Filter = NO_FILTER;
  /** Live entries that are not shown until somebody asks for them, newest first. */
  pending: Entry[] = [];
  /** There were too many live entries to keep: the first page is to be loaded again. */
  isStale = false;
  /** How many rows were put above others, in total. */
  prepended = 0;
  nextCursor: string | null = null;
  /** How far it was looked in all, where entries are looked at one by one. */
  lookedAt: LookedAt | null = null;
  slots = new Slots();

  constructor(
    private readonly watcher: Watcher,
    private readonly missing: (first: number, last: number) => string,
  ) {}

  /** The rows in memory, newest first. */
  *rows(): Generator<{ index: number; item: Item }> {
    let start = 0;
    for (const { items, count } of this.slots.all) {
      for (const [i, item] of (items ?? []).entries()) yield { index: start + i, item };
      start += count;
    }
  }

  /** Removes all rows, and shows the first page. */
  replace(page: Page): void {
    this.clear();
    this.append(page, null);
  }

  clear(): void {
    this.watcher.dropped([...this.rows()].map(({ item }) => item));
    this.slots = new Slots();
    this.nextCursor = null;
    this.lookedAt = null;
    this.pending = [];
    this.isStale = false;
  }

  /** Adds the page that begins at a cursor below the others. */
  append(page: Page, cursor: string | null): void {
    const previous = this.slots.all.at(-1);
    const above = previous?.items ? lowestSeq(previous.items) : null;
    const items = this.itemsOf(page, above);
    if (items.length > 0 || cursor === null) this.slots.push({ cursor, count: items.length, items, above });
    this.nextCursor = page.nextCursor;
    const { lookedAt } = page;
    if (lookedAt) this.lookedAt = { ...lookedAt, entries: (this.lookedAt?.entries ?? 0) + lookedAt.entries };
    this.watcher.loaded(page.entries);
  }

  /** Puts a page that was dropped back into its place. */
  fill(slot: Slot, page: Page): void {
    this.slots.fill(slot, this.itemsOf(page, slot.above));
    this.watcher.loaded(page.entries);
  }

  /** What to do with a live entry: nothing, add it, or ask for what happened before it. */
  judge(entry: Entry): 'ignore' | 'add' | 'ask' {
    const newest = this.newestSeq();
    if (this.isStale || entry.seq <= newest) return 'ignore';
    return isUnbroken(this.filter) && newest > 0 && entry.seq > newest + 1 ? 'ask' : 'add';
  }

  /** Adds newer entries: to the rows when the list is scrolled to its top, else to those that wait. */
  add(entries: Entry[], isAtTop: boolean): Change {
    if (entries.length === 0 || this.isStale) return 'none';
    // A new entry may have the `seq` of one that is missing.
    if (this.missingEnd())
      return entries.some(({ action }) => action !== READ_ACTION) ? this.stale() : 'none';
    if (isAtTop && this.pending.length === 0) this.prepend(entries);
    else this.pending = [...entries, ...this.pending];
    const first = this.slots.all[0]?.items?.length ?? 0;
    return this.pending.length + first > MAX_LIVE ? this.stale() : 'changed';
  }

  /** Adds what a newer first page has that the list has not. */
  merge(page: Page, isAtTop: boolean): Change {
    const newest = this.newestSeq();
    const isNew = ({ seq }: { seq: number | null }): boolean => (seq ?? 0) > newest;
    const added = page.entries.filter(isNew);
    const isMore = added.length === page.entries.length && page.nextCursor !== null;
    const isRun = newest === 0 || (added[0]?.seq ?? newest) - newest === added.length;
    // When the page is loaded again, missing and altered entries are shown in their place.
    const isBroken = (page.faults ?? []).some(isNew) || (isUnbroken(this.filter) && !isRun);
    return isMore || isBroken ? this.stale() : this.add(added, isAtTop);
  }

  showPending(): void {
    const waiting = this.pending;
    this.pending = [];
    if (waiting.length > 0) this.prepend(waiting);
  }

  /** Whether this is known to be the last entry of the trail. */
  isNewest(seq: number): boolean {
    return this.reachesEnd() && !this.missingEnd() && seq === this.newestSeq();
  }

  /** Whether entries at the end of the trail are missing, when it has `size` entries. */
  lacksNewest(size: number): boolean {
    const { from, period } = this.filter;
    const newest = this.newestSeq();
    // An empty list with a start date says nothing. Pending entries are shown above all rows, so also above a gap.
    const isKnown = this.pending.length === 0 && (newest > 0 || (from === '' && period === ''));
    return this.reachesEnd() && isKnown && Math.max(newest, this.missingEnd()?.seq ?? 0) < size;
  }

  /** Shows that the entries at the end of the trail are missing. */
  addMissingEnd(size: number): void {
    const above = this.missingEnd()?.seq ?? this.newestSeq();
    this.slots.unshift([gapOf(above + 1, size, this.missing)]);
    this.prepended++;
  }

  /** Whether the filter lets the newest entries of the trail through. */
  private reachesEnd(): boolean {
    return !this.isStale && isUnbroken(this.filter) && this.filter.to === '';
  }

  /** The first row, where it stands for entries that are missing at the end of the trail. */
  private missingEnd(): Item | null {
    const item = this.slots.at(0);
    return item?.fault?.first === undefined ? null : item;
  }

  private newestSeq(): number {
    const isThere = ({ seq, fault }: Item): boolean => seq !== null && fault?.first === undefined;
    const first = this.slots.all[0]?.items?.find(isThere)?.seq ?? 0;
    return Math.max(first, this.pending[0]?.seq ?? 0);
  }

  private stale(): Change {
    this.pending = [];
    this.isStale = true;
    return 'stale';
  }

  private prepend(entries: Entry[]): void {
    this.slots.unshift(entries.map((entry) => ({ seq: entry.seq, entry })));
    this.prepended += entries.length;
    this.watcher.loaded(entries);
  }

  private itemsOf(page: Page, above: number | null): Item[] {
    const items = itemsOf(page);
    if (!isUnbroken(this.filter)) return items;
    const isWhole = this.filter.from === '' && this.filter.period === '' && page.nextCursor === null;
    return withGaps(items, above, isWhole && items.length > 0 ? 0 : null, this.missing);
  }
}
