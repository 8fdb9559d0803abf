import type { Entry } from '../../../lib/chain/entry';
import type { Api, LookedAt } from './api';
import { Emitter } from './emitter';
import { asFailure, type Failure, isAbort } from './failure';
import type { Filter } from './filter';
import type { Item } from './items';
import { type Change, LoadedTrail, READ_ACTION, type Watcher } from './loaded-trail';
import type { Rows, Slot } from './slots';

export { READ_ACTION, type Watcher } from './loaded-trail';

/** Pages that are more rows than this away from the viewport are dropped. */
const KEPT = 1000;

/** The next page is loaded when it is less than this many rows away from the viewport. */
const AHEAD = 100;

/** Fetches the entries that match a filter, newest first: as far as somebody scrolls, and live entries. */
export class TrailList extends Emitter {
  state: 'loading' | 'ready' | 'failed' = 'loading';
  failure: Failure | null = null;
  isLoadingMore = false;
  /** Whether the last look found nothing: somebody says whether to look further. */
  isResting = false;
  /** How many lists were opened. The scroll position belongs to one of them. */
  generation = 0;

  private readonly trail: LoadedTrail;
  /** Whether entries may be missing that were recorded after the first page was read. */
  private isBehind = false;
  private aborter = new AbortController();
  private readonly refilling = new WeakSet<Slot>();
  /** Requests for the first page that are not answered yet, and the live entries that wait for them. */
  private underway = 0;
  private held: Entry[] = [];
  /** How many entries the newest signed checkpoint covers. */
  private anchoredSize = 0;

  constructor(
    private readonly api: Api,
    private readonly watcher: Watcher,
    missing: (first: number, last: number) => string,
  ) {
    super();
    this.trail = new LoadedTrail(watcher, missing);
  }

  get filter(): Filter {
    return this.trail.filter;
  }

  /** Live entries that are not shown until somebody asks for them, newest first. */
  get pending(): readonly Entry[] {
    return this.trail.pending;
  }

  /** Whether there were too many live entries to keep, so that the list is to be loaded again. */
  get isStale(): boolean {
    return this.trail.isStale;
  }

  /** How many rows were put above others, in total. */
  get prepended(): number {
    return this.trail.prepended;
  }

  get count(): number {
    return this.trail.slots.count;
  }

  get hasMore(): boolean {
    return this.trail.nextCursor !== null;
  }

  /** How far it was looked, where entries are looked at one by one; null elsewhere. */
  get lookedAt(): LookedAt | null {
    return this.trail.lookedAt;
  }

  at(index: number): Item | null {
    return this.trail.slots.at(index);
  }

  /** The rows in memory, newest first. */
  loaded(): Generator<{ index: number; item: Item }> {
    return this.trail.rows();
  }

  /** Loads the first page for a filter. */
  async open(filter: Filter): Promise<void> {
    this.trail.filter = filter;
    this.state = 'loading';
    this.held = [];
    this.generation++;
    await this.reload();
  }

  /** Loads the first page again. The old rows stay until it is there. */
  async reload(): Promise<void> {
    this.aborter.abort();
    const { signal } = (this.aborter = new AbortController());
    this.isLoadingMore = false;
    this.underway++;
    this.changed();
    try {
      const page = await this.api.entries(this.filter, null, signal);
      this.trail.replace(page);
      this.isResting = page.entries.length === 0;
      this.state = 'ready';
      this.failure = null;
    } catch (error) {
      if (isAbort(error)) return;
      this.trail.clear();
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

  /** Loads the page below the last one. */
  async more(): Promise<void> {
    const cursor = this.trail.nextCursor;
    if (cursor === null || this.isLoadingMore || this.state !== 'ready') return;
    const { signal } = this.aborter;
    this.isLoadingMore = true;
    this.failure = null;
    this.changed();
    try {
      const page = await this.api.entries(this.filter, cursor, signal);
      this.trail.append(page, cursor);
      this.isResting = page.entries.length === 0;
    } catch (error) {
      if (signal.aborted) return;
      this.failure = asFailure(error);
    }
    this.isLoadingMore = false;
    this.changed();
  }

  /** Loads the pages of these rows, and drops pages that are far from them. */
  need(rows: Rows): void {
    const { slots } = this.trail;
    for (const slot of slots.absent({ begin: rows.begin - 50, end: rows.end + 50 })) void this.refill(slot);
    if (rows.end + AHEAD >= this.count && !this.failure && !this.isResting) void this.more();
    const dropped = slots.dropFar(rows, KEPT);
    if (dropped.length > 0) this.watcher.dropped(dropped);
  }

  /** Takes an entry that has just been recorded. */
  live(entry: Entry, isAtTop: boolean): void {
    if (this.underway > 0) return void this.held.push(entry);
    const verdict = this.state === 'ready' ? this.trail.judge(entry) : 'ignore';
    if (verdict === 'ignore') return;
    if (verdict === 'add' && !this.isBehind) this.show(this.trail.add([entry], isAtTop), isAtTop);
    // Asking is reading. Where each read is recorded and comes in live, asking because of it would never end.
    else if (entry.action !== READ_ACTION) void this.catchUp(isAtTop);
  }

  /** Fetches entries that were recorded while there was no live connection. Resolves to whether the list has them. */
  async catchUp(isAtTop: boolean): Promise<boolean> {
    this.isBehind = this.state !== 'ready';
    if (this.isBehind || this.isStale) return false;
    const { signal } = this.aborter;
    this.underway++;
    const page = await this.api.entries(this.filter, null, signal).catch(() => null);
    this.underway--;
    const isWanted = !signal.aborted;
    if (isWanted && page) this.show(this.trail.merge(page, isAtTop), isAtTop);
    else if (isWanted) this.isBehind = true;
    this.release(isAtTop);
    return isWanted && page !== null;
  }

  /**
   * Takes how many entries a signed checkpoint covers, and shows when the newest of them are missing. The loaded page may
   * be older than the checkpoint, so this first fetches a newer one.
   */
  async anchored(size: number, isAtTop: boolean): Promise<void> {
    this.anchoredSize = size;
    if (!this.lacksNewest() || !(await this.catchUp(isAtTop)) || !this.lacksNewest()) return;
    this.trail.addMissingEnd(this.anchoredSize);
    this.changed();
  }

  /** Whether this is known to be the last entry of the trail. */
  isNewest(seq: number): boolean {
    return this.state === 'ready' && this.trail.isNewest(seq);
  }

  /** Shows the live entries that wait. */
  showPending(): void {
    if (this.isStale) return void this.reload();
    this.trail.showPending();
    this.changed();
  }

  private lacksNewest(): boolean {
    return this.state === 'ready' && this.trail.lacksNewest(this.anchoredSize);
  }

  private show(change: Change, isAtTop: boolean): void {
    if (change === 'stale' && isAtTop) void this.reload();
    else if (change !== 'none') this.changed();
  }

  /** Takes the live entries that waited for the first page. */
  private release(isAtTop: boolean): void {
    if (this.underway > 0) return;
    const { held } = this;
    this.held = [];
    for (const entry of held) this.live(entry, isAtTop);
  }

  private async refill(slot: Slot): Promise<void> {
    if (this.refilling.has(slot)) return;
    this.refilling.add(slot);
    const { signal } = this.aborter;
    try {
      const page = await this.api.entries(this.filter, slot.cursor, signal);
      if (signal.aborted) return;
      this.trail.fill(slot, page);
    } catch {
      // The rows stay empty. They are fetched again when somebody scrolls to them.
    }
    this.refilling.delete(slot);
    this.changed();
  }
}
