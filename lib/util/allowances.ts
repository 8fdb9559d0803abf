/** What is left of an allowance. */
interface Bucket {
  left: number;
  at: number;
}

/** A rate, and how much of it may be used at once. */
export interface Rate {
  perSecond: number;
  atOnce: number;
}

/** Allowances that are remembered: who has not been seen for longest begins anew. */
const REMEMBERED = 10_000;

/** How much each of many may do in a time; what one has not used it may use at once, up to a bound. */
export class Allowances {
  readonly #buckets = new Map<string, Bucket>();

  /** @param now the clock, in milliseconds */
  constructor(
    private readonly rate: Rate,
    private readonly now: () => number,
  ) {}

  /**
   * Takes from somebody's allowance. It may be overdrawn once: what is large is only put off.
   * @returns after how many seconds to try again; 0 when it was taken
   */
  take(id: string, amount = 1): number {
    const { perSecond, atOnce } = this.rate;
    const now = this.now();
    const bucket = this.#buckets.get(id) ?? { left: atOnce, at: now };
    const passed = Math.max(0, now - bucket.at) / 1000;
    bucket.left = Math.min(atOnce, bucket.left + passed * perSecond);
    bucket.at = now;
    this.#keep(id, bucket);
    if (bucket.left < Math.min(1, atOnce)) return (1 - bucket.left) / perSecond;
    bucket.left -= amount;
    return 0;
  }

  #keep(id: string, bucket: Bucket): void {
    this.#buckets.delete(id);
    this.#buckets.set(id, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > REMEMBERED && oldest !== undefined) this.#buckets.delete(oldest);
  }
}
