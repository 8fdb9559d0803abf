import type { Reading } from '../chain/chain-check';
import type { Receipt } from '../chain/entry';
import type { Store } from '../store/store';
import { assertPlace } from './read-entries';

/** How often the database is asked what other processes have recorded, in milliseconds. */
const INTERVAL = 1000;

/** How long what this process records is gathered before it is read, in milliseconds. */
const GATHER = 100;

/** Entries that are read at a time: so few that a slow reader holds little. */
const PORTION = 100;

/**
 * Follows tenants' chains as they grow, whichever process wrote. The database is asked once for all who have read as
 * far.
 */
export class ChainTails {
  private readonly tails = new Map<string, Tail>();
  private isOver = false;

  constructor(private readonly store: Store) {}

  /** Ends all that follow. */
  stop(): void {
    this.isOver = true;
    for (const tail of this.tails.values()) tail.look();
  }

  /** Tells that this process recorded an entry. */
  recorded({ tenantId }: Pick<Receipt, 'tenantId'>): void {
    this.tails.get(tenantId)?.within(GATHER);
  }

  /**
   * What is recorded behind the number `after`, in order, in portions, until `signal` is aborted or the ledger closed.
   * @throws AuditError `ENTRY_ALTERED` behind a portion that ends with what has no place in the chain; errors of the
   * database as they are.
   */
  async *follow(tenantId: string, after: number, signal: AbortSignal): AsyncGenerator<Reading[]> {
    const tail = this.tails.get(tenantId) ?? new Tail(tenantId, this.store);
    this.tails.set(tenantId, tail);
    tail.followers++;
    let last = after;
    try {
      while (!signal.aborted && !this.isOver) {
        const portion = await tail.behind(last);
        if (portion.length > 0) yield portion;
        const end = portion.at(-1);
        if (end) last = assertPlace(end, tenantId);
        if (portion.length < PORTION) await tail.grown(signal);
      }
    } finally {
      if (--tail.followers === 0) this.tails.delete(tenantId);
    }
  }
}

/** The end of one chain, and those who wait there. */
class Tail {
  followers = 0;
  /**
   * What is behind a number, by that number, as long as nobody has reason to think that there is more. A whole portion is
   * shared while it is read alone: who goes through a long chain would keep all of it.
   */
  private readonly portions = new Map<number, Promise<Reading[]>>();
  private readonly waiting = new Set<() => void>();
  private timer: NodeJS.Timeout | undefined;
  private due = Infinity;

  constructor(
    private readonly tenantId: string,
    private readonly store: Store,
  ) {}

  behind(seq: number): Promise<Reading[]> {
    const known = this.portions.get(seq);
    if (known) return known;
    const range = { min: seq + 1, max: Number.MAX_SAFE_INTEGER };
    const page = { tenantId: this.tenantId, order: 'asc', limit: PORTION, seq: range } as const;
    const portion = this.store.page(page);
    this.portions.set(seq, portion);
    const forget = () => {
      if (this.portions.get(seq) === portion) this.portions.delete(seq);
    };
    portion.then((readings) => {
      if (readings.length === PORTION) forget();
    }, forget);
    return portion;
  }

  /** Resolves when there may be more, or `signal` is aborted. */
  grown(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    this.within(INTERVAL);
    return new Promise((resolve) => {
      const go = () => {
        this.waiting.delete(go);
        signal.removeEventListener('abort', go);
        resolve();
      };
      this.waiting.add(go);
      signal.addEventListener('abort', go);
    });
  }

  /** Looks again in so many milliseconds at the latest. */
  within(time: number): void {
    const due = performance.now() + time;
    if (this.due <= due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => this.look(), time).unref();
  }

  /** Has all who wait look for more. */
  look(): void {
    this.due = Infinity;
    this.portions.clear();
    for (const go of [...this.waiting]) go();
  }
}
