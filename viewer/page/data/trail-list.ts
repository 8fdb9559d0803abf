import type { Entry } from '../../../lib/chain/entry';
import type { Api, Page } from './api';
import { Emitter } from './emitter';
import { asFailure, type Failure, isAbort } from './failure';
import { type Filter, isUnbroken, NO_FILTER } from './filter';
import { gapOf, type Item, itemsOf, lowestSeq, withGaps } from './items';
import { type Rows, type Slot, Slots } from './slots';

/** Rows from the viewport at which pages are dropped, and at which more are loaded. */
const KEPT = 1000;
const AHEAD = 100;

/** Live entries above the first page; with more of them, it is time to load that page anew. */
const MAX_LIVE = 500;

/** What the server may call the entry of somebody who reads the trail. */
export const READ_ACTION = 'audit.read';

/** Who wants to know which entries are in memory. */
export interface Watcher {
  loaded(entries: Entry[]): void;
  dropped(items: readonly Item[]): void;
}

/** The entries that match a filter, newest first: loaded as far as somebody scrolled, and what comes in live. */
export class TrailList extends Emitter {
  state: 'loading' | 'ready' | 'failed' = 'loading';
  failure: Failure | null = null;
  isLoadingMore = false;
  /** Live entries that wait until they are asked for; the newest first. */
  pending: Entry[] = [];
  /** So many came in that they are not kept: the list has to be loaded anew. */
  isStale = false;
  filter: Filter = NO_FILTER;
  /** Counts the lists that were opened: where the scroll position belongs to. */
  generation = 0;
  /** Counts the rows that were put above others. */
  prepended = 0;

  private slots = new Slots();
  /** Something may have happened since the first page was read. */
  private isBehind = false;
  private nextCursor: string | null = null;
  private aborter = new AbortController();
  private readonly fetching = new Set<Slot>();
  /** Requests for the first page that are on their way, and the live entries that wait for them. */
  private underway = 0;
  private held: Entry[] = [];
  /** Entries that a signed checkpoint states. */
  private anchoredSize = 0;

  constructor(
    private readonly api: Api,
    private readonly watcher: Watcher,
    private readonly missing: (first: number, last: number) => string,
  ) {
    super();
  }

  get count(): number {
    return this.slots.count;
  }

  get hasMore(): boolean {
    return this.nextCursor !== null;
  }

  at(index: number): Item | null {
    return this.slots.at(index);
  }

  /** What is in memory, newest first. */
  *loaded(): Generator<{ index: number; item: Item }> {
    let start = 0;
    for (const { items, count } of this.slots.all) {
      for (const [i, item] of (items ?? []).entries()) yield { index: start + i, item };
      start += count;
    }
  }

  /** Loads the first page for a filter. */
  async open(filter: Filter): Promise<void> {
    this.filter = filter;
    this.state = 'loading';
    this.held = [];
    this.generation++;
    await this.reload();
  }

  /** Loads the first page anew, and shows the old one meanwhile. */
  async reload(): Promise<void> {
    this.aborter.abort();
    const { signal } = (this.aborter = new AbortController());
    this.isLoadingMore = false;
    this.underway++;
    this.changed();
    try {
      const page = await this.api.entries(this.filter, null, signal);
      this.replace(page);
      this.state = 'ready';
      this.failure = null;
    } catch (error) {
      if (isAbort(error)) return;
      this.clear();
      this.state = 'failed';
      this.failure = asFailure(error);
    } finally {
      this.underway--;
    }
    this.changed();
    if (this.isBehind) void this.catchUp(true);
    this.release(true);
    void this.anchored(this.anchoredSize, true);
  }

  /** Loads the page behind the last one. */
  async more(): Promise<void> {
    const cursor = this.nextCursor;
    if (cursor === null || this.isLoadingMore || this.state !== 'ready') return;
    const { signal } = this.aborter;
    this.isLoadingMore = true;
    this.failure = null;
    this.changed();
    try {
      const page = await this.api.entries(this.filter, cursor, signal);
      this.append(page, cursor);
    } catch (error) {
      if (signal.aborted) return;
      this.failure = asFailure(error);
    }
    this.isLoadingMore = false;
    this.changed();
  }

  /** Fetches what these rows need, and drops what is far from them. */
  need(rows: Rows): void {
    for (const slot of this.slots.absent({ begin: rows.begin - 50, end: rows.end + 50 }))
      void this.refill(slot);
    if (rows.end + AHEAD >= this.count && !this.failure) void this.more();
    const dropped = this.slots.dropFar(rows, KEPT);
    if (dropped.length > 0) this.watcher.dropped(dropped);
  }

  /** Takes an entry that has just happened. */
  live(entry: Entry, isAtTop: boolean): void {
    if (this.underway > 0) return void this.held.push(entry);
    const newest = this.newest();
    if (this.state !== 'ready' || this.isStale || entry.seq <= newest) return;
    const isGap = isUnbroken(this.filter) && newest > 0 && entry.seq > newest + 1;
    if (!isGap && !this.isBehind) this.take([entry], isAtTop);
    // To ask is to read, which may be recorded and come in live: that would never end.
    else if (entry.action !== READ_ACTION) void this.catchUp(isAtTop);
  }

  /** Asks for what happened while nobody listened. Gives whether the list has it now. */
  async catchUp(isAtTop: boolean): Promise<boolean> {
    this.isBehind = this.state !== 'ready';
    if (this.isBehind || this.isStale) return false;
    const { signal } = this.aborter;
    this.underway++;
    const page = await this.api.entries(this.filter, null, signal).catch(() => null);
    this.underway--;
    const isWanted = !signal.aborted;
    if (isWanted && page) this.merge(page, isAtTop);
    else if (isWanted) this.isBehind = true;
    this.release(isAtTop);
    return isWanted && page !== null;
  }

  /**
   * Takes how many entries a signed checkpoint states. The page may be older than the checkpoint: what a newer one
   * lacks, too, was removed.
   */
  async anchored(size: number, isAtTop: boolean): Promise<void> {
    this.anchoredSize = size;
    if (!this.lacksNewest() || !(await this.catchUp(isAtTop)) || !this.lacksNewest()) return;
    const above = this.cutEnd()?.seq ?? this.newest();
    this.slots.unshift([gapOf(above + 1, this.anchoredSize, this.missing)]);
    this.prepended++;
    this.changed();
  }

  /** Whether an entry is known to be the last one of the trail. */
  isNewest(seq: number): boolean {
    return this.reachesEnd() && !this.cutEnd() && seq === this.newest();
  }

  /** Shows the live entries that wait. */
  showPending(): void {
    if (this.isStale) return void this.reload();
    const waiting = this.pending;
    this.pending = [];
    if (waiting.length > 0) this.prepend(waiting);
    this.changed();
  }

  /** Whether the newest entry of the list is that of the trail, as far as it is known. */
  private reachesEnd(): boolean {
    const isReady = this.state === 'ready' && !this.isStale;
    return isReady && isUnbroken(this.filter) && this.filter.to === '';
  }

  private lacksNewest(): boolean {
    const { from, period } = this.filter;
    const newest = this.newest();
    // Of an empty list that begins somewhere nobody can tell. Those who wait are put above all others, gaps included.
    const isKnown = this.pending.length === 0 && (newest > 0 || (from === '' && period === ''));
    return this.reachesEnd() && isKnown && Math.max(newest, this.cutEnd()?.seq ?? 0) < this.anchoredSize;
  }

  private merge(page: Page, isAtTop: boolean): void {
    const newest = this.newest();
    const isFresh = ({ seq }: { seq: number | null }): boolean => (seq ?? 0) > newest;
    const fresh = page.entries.filter(isFresh);
    const isMore = fresh.length === page.entries.length && page.nextCursor !== null;
    const isRun = newest === 0 || (fresh[0]?.seq ?? newest) - newest === fresh.length;
    // Loading anew shows what is broken in its place.
    const isBroken = (page.faults ?? []).some(isFresh) || (isUnbroken(this.filter) && !isRun);
    if (isMore || isBroken) this.takeTooMany(isAtTop);
    else this.take(fresh, isAtTop);
  }

  /** Takes the live entries that waited. */
  private release(isAtTop: boolean): void {
    if (this.underway > 0) return;
    const { held } = this;
    this.held = [];
    for (const entry of held) this.live(entry, isAtTop);
  }

  /** The row of the newest entries where those are missing. */
  private cutEnd(): Item | null {
    const item = this.slots.at(0);
    return item?.fault?.first === undefined ? null : item;
  }

  private newest(): number {
    const isThere = ({ seq, fault }: Item): boolean => seq !== null && fault?.first === undefined;
    const first = this.slots.all[0]?.items?.find(isThere)?.seq ?? 0;
    return Math.max(first, this.pending[0]?.seq ?? 0);
  }

  private take(entries: Entry[], isAtTop: boolean): void {
    if (entries.length === 0 || this.isStale) return;
    // A new one may have the number of one that is missing.
    if (this.cutEnd()) {
      if (entries.some(({ action }) => action !== READ_ACTION)) this.takeTooMany(isAtTop);
      return;
    }
    if (isAtTop && this.pending.length === 0) this.prepend(entries);
    else this.pending = [...entries, ...this.pending];
    const first = this.slots.all[0]?.items?.length ?? 0;
    if (this.pending.length + first > MAX_LIVE) this.takeTooMany(isAtTop);
    else this.changed();
  }

  private takeTooMany(isAtTop: boolean): void {
    this.pending = [];
    this.isStale = true;
    if (isAtTop) void this.reload();
    else this.changed();
  }

  private prepend(entries: Entry[]): void {
    this.slots.unshift(entries.map((entry) => ({ seq: entry.seq, entry })));
    this.prepended += entries.length;
    this.watcher.loaded(entries);
  }

  private replace(page: Page): void {
    this.clear();
    this.append(page, null);
  }

  private clear(): void {
    this.watcher.dropped([...this.loaded()].map(({ item }) => item));
    this.slots = new Slots();
    this.nextCursor = null;
    this.pending = [];
    this.isStale = false;
    this.fetching.clear();
  }

  private append(page: Page, cursor: string | null): void {
    const previous = this.slots.all.at(-1);
    const above = previous?.items ? lowestSeq(previous.items) : null;
    const items = this.rowsOf(page, above);
    this.slots.push({ cursor, count: items.length, items, above });
    this.nextCursor = page.nextCursor;
    this.watcher.loaded(page.entries);
  }

  private async refill(slot: Slot): Promise<void> {
    if (this.fetching.has(slot)) return;
    this.fetching.add(slot);
    const { signal } = this.aborter;
    try {
      const page = await this.api.entries(this.filter, slot.cursor, signal);
      if (signal.aborted) return;
      this.slots.fill(slot, this.rowsOf(page, slot.above));
      this.watcher.loaded(page.entries);
    } catch {
      // The rows stay as they are, and are asked for again when somebody scrolls to them.
    }
    this.fetching.delete(slot);
    this.changed();
  }

  private rowsOf(page: Page, above: number | null): Item[] {
    const items = itemsOf(page);
    if (!isUnbroken(this.filter)) return items;
    const isWhole = this.filter.from === '' && this.filter.period === '' && page.nextCursor === null;
    return withGaps(items, above, isWhole && items.length > 0 ? 0 : null, this.missing);
  }
}
