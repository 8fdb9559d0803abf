import type { ChainPlace, ChainWatch, StreamStore } from '../store/stream-store';
import { pause } from '../write/pause';

/** Who wants to know which chains have grown. */
export interface Follower {
  /** Those of its tenants; null for all. */
  readonly tenants: readonly string[] | null;
  /** A chain has entries up to this number, at least. */
  grown(tenantId: string, seq: number): void;
}

/** Times in milliseconds. */
export interface GrowthPace {
  /** How often chains are looked at, at most. */
  look: number;
  /** The same while the server tells what is new: for what it did not tell. */
  lookBeside: number;
  /** How often tenants are looked for that nobody knows yet, at most. */
  discover: number;
}

const PACE: GrowthPace = { look: 1_000, lookBeside: 30_000, discover: 5_000 };

/** Chains that one request looks at, and those of one round: 10,000 tenants are looked at within a few seconds. */
export const PLACES = 500;
const ROUND = 2_500;

/** Of its time the database is asked for a tenth at most: a slow answer makes longer pauses. */
const SHARE = 10;

/** When the server is asked again whether it tells what is new. */
const WATCH_AGAIN = 60_000;

/**
 * Knows how far chains have grown, whoever wrote: from receipts of this process at once, from the server where it tells
 * (change streams), and by looking at one place of the unique index a tenant, in rounds of bounded size and cost.
 */
export class Growth {
  /** The highest number known of each chain that somebody follows. */
  private readonly ends = new Map<string, number>();
  private readonly ofAll = new Set<Follower>();
  private readonly ofOne = new Map<string, Set<Follower>>();
  private round = this.ends.keys();
  private discoverAt = 0;
  private over: AbortController | null = null;
  /** Entries that this process has recorded. */
  recordedHere = 0;
  private watch: ChainWatch | null = null;
  private watchAt = 0;

  constructor(
    private readonly store: StreamStore,
    private readonly pace: GrowthPace = PACE,
  ) {}

  /** Calls with what is known, and with all that comes. Gives what ends it. */
  follow(follower: Follower): () => void {
    const sets = this.setsOf(follower);
    for (const set of sets) set.add(follower);
    for (const tenantId of follower.tenants ?? []) this.ends.set(tenantId, this.ends.get(tenantId) ?? 0);
    for (const [tenantId, seq] of this.ends) if (this.isOf(follower, tenantId)) follower.grown(tenantId, seq);
    this.discoverAt = 0;
    if (!this.over) void this.look((this.over = new AbortController()).signal);
    return () => {
      for (const set of sets) set.delete(follower);
      for (const tenantId of follower.tenants ?? [])
        if (this.ofOne.get(tenantId)?.size === 0) this.ofOne.delete(tenantId);
      if (this.ofAll.size + this.ofOne.size === 0) this.stop();
    };
  }

  /** This process has recorded an entry. */
  recorded(place: ChainPlace): void {
    this.recordedHere++;
    this.raise(place);
  }

  /** A chain has an entry of this number. */
  raise({ tenantId, seq }: ChainPlace): void {
    if (seq <= (this.ends.get(tenantId) ?? -1)) return;
    const ofOne = this.ofOne.get(tenantId);
    if (this.ofAll.size === 0 && !ofOne) return;
    this.ends.set(tenantId, seq);
    for (const follower of this.ofAll) follower.grown(tenantId, seq);
    for (const follower of ofOne ?? []) follower.grown(tenantId, seq);
  }

  /** A chain has no entry behind this number, whatever was told: a failover has undone it. */
  lower({ tenantId, seq }: ChainPlace): void {
    if (this.end(tenantId) > seq) this.ends.set(tenantId, seq);
  }

  /** The highest number that is known of a chain. */
  end(tenantId: string): number {
    return this.ends.get(tenantId) ?? 0;
  }

  /** Forgets all: the chains begin anew. */
  clear(): void {
    this.ends.clear();
    for (const tenantId of this.ofOne.keys()) this.ends.set(tenantId, 0);
  }

  private stop(): void {
    this.over?.abort();
    this.over = null;
    this.ends.clear();
    void this.watch?.close();
    this.watch = null;
  }

  private isOf({ tenants }: Follower, tenantId: string): boolean {
    return tenants === null || tenants.includes(tenantId);
  }

  private setsOf({ tenants }: Follower): Set<Follower>[] {
    if (tenants === null) return [this.ofAll];
    return tenants.map((tenantId) => {
      const set = this.ofOne.get(tenantId) ?? new Set();
      this.ofOne.set(tenantId, set);
      return set;
    });
  }

  private async look(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const begin = performance.now();
      try {
        await this.ensureWatch(signal);
        await this.discover();
        await this.lookOnce(signal);
      } catch {
        // The database is away, which its writers tell.
      }
      const least = this.watch ? this.pace.lookBeside : this.pace.look;
      const time = Math.max(least, (SHARE - 1) * (performance.now() - begin));
      const rest = pause(time, signal, false).catch(() => undefined);
      // What the server does not tell any more is looked for at once.
      await Promise.race([rest, ...(this.watch ? [this.watch.ended] : [])]);
    }
  }

  private async ensureWatch(signal: AbortSignal): Promise<void> {
    if (this.watch || performance.now() < this.watchAt) return;
    this.watchAt = performance.now() + WATCH_AGAIN;
    const watch = await this.store.watchChains((place) => this.raise(place));
    if (!watch || signal.aborted) return void watch?.close();
    this.watch = watch;
    void watch.ended.then(() => {
      if (this.watch === watch) this.watch = null;
    });
  }

  /** Tenants that are new, where somebody follows all. */
  private async discover(): Promise<void> {
    const begin = performance.now();
    if (this.ofAll.size === 0 || begin < this.discoverAt) return;
    for (const tenantId of await this.store.tenants()) this.raise({ tenantId, seq: 1 });
    const end = performance.now();
    this.discoverAt = end + Math.max(this.pace.discover, SHARE * (end - begin));
  }

  private async lookOnce(signal: AbortSignal): Promise<void> {
    for (let left = Math.min(ROUND, this.ends.size); left > 0 && !signal.aborted; left -= PLACES) {
      const places = this.nextPlaces(Math.min(left, PLACES));
      for (const place of await this.store.grown(places)) this.raise(place);
    }
  }

  /** The next places of the round; a round that ends begins anew. */
  private nextPlaces(count: number): ChainPlace[] {
    const places: ChainPlace[] = [];
    while (places.length < count) {
      let next = this.round.next();
      if (next.done) next = (this.round = this.ends.keys()).next();
      if (next.done) break;
      places.push({ tenantId: next.value, seq: this.end(next.value) });
    }
    return places;
  }
}
