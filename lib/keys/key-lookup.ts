import type { KeyStore, StoredKey } from '../store/key-store';

/** A key is read again after so many milliseconds: for so long one that another process has revoked is taken. */
const FRESH = 5_000;

/** Keys that are remembered. */
const REMEMBERED = 10_000;

/** Keys that are asked for in one query. */
const QUERY = 1_000;

interface Waiting {
  resolve: (key: StoredKey | null) => void;
  reject: (error: unknown) => void;
}

/**
 * Finds keys by their ids. One query runs at a time, for all that are asked for meanwhile: however many wrong keys come,
 * the database has no more to do.
 */
export class KeyLookup {
  /** Keys that were found, by id, the one read longest ago first. */
  readonly #known = new Map<string, { key: StoredKey; until: number }>();
  /** Who waits for the next query, by id. */
  #waiting = new Map<string, Waiting[]>();
  #isRunning = false;

  constructor(
    private readonly store: Pick<KeyStore, 'keys'>,
    private readonly now: () => number,
  ) {}

  async find(id: string): Promise<StoredKey | null> {
    const known = this.#known.get(id);
    const ahead = known ? known.until - this.now() : 0;
    if (known && ahead > 0 && ahead <= FRESH) return known.key; // a clock that was set back ends it, too
    return new Promise((resolve, reject) => {
      const others = this.#waiting.get(id);
      if (others) others.push({ resolve, reject });
      else this.#waiting.set(id, [{ resolve, reject }]);
      if (!this.#isRunning) void this.#run();
    });
  }

  keep(key: StoredKey): void {
    this.#known.delete(key.id);
    this.#known.set(key.id, { key, until: this.now() + FRESH });
    const [oldest] = this.#known.keys();
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
  }

  forget(id: string): void {
    this.#known.delete(id);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.size > 0) {
      const asked = [...this.#waiting].slice(0, QUERY);
      for (const [id] of asked) this.#waiting.delete(id);
      await this.#query(asked);
    }
    this.#isRunning = false;
  }

  async #query(asked: readonly [string, Waiting[]][]): Promise<void> {
    const ids = asked.map(([id]) => id);
    for (const id of ids) this.#known.delete(id);
    try {
      const found = new Map((await this.store.keys(ids)).map((key) => [key.id, key]));
      for (const key of found.values()) this.keep(key);
      for (const [id, waiting] of asked) for (const { resolve } of waiting) resolve(found.get(id) ?? null);
    } catch (error) {
      for (const [, waiting] of asked) for (const { reject } of waiting) reject(error);
    }
  }
}
