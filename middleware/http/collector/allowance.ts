import { Problem } from '../api/problem';
import { retryAfter } from './store-away';

/** What is left of a second's allowance. */
interface Bucket {
  left: number;
  at: number;
}

/** How much each key may do in a second; what it has not used it may use in one second at most. */
export class Allowance {
  readonly #buckets = new Map<string, Bucket>();

  /** @param now the clock, in milliseconds */
  constructor(
    private readonly perSecond: number,
    private readonly now: () => number,
  ) {}

  /**
   * Takes from the allowance of a key. It may be overdrawn once: a large request is only put off.
   * @throws Problem 429
   */
  take(id: string, amount = 1): void {
    const now = this.now();
    const bucket = this.#buckets.get(id) ?? { left: this.perSecond, at: now };
    const passed = Math.max(0, now - bucket.at) / 1000;
    bucket.left = Math.min(this.perSecond, bucket.left + passed * this.perSecond);
    bucket.at = now;
    this.#buckets.set(id, bucket);
    if (bucket.left <= 0) {
      const detail = 'This key sends too much at a time: send it again later, with the same id.';
      throw new Problem(429, detail, undefined, { headers: retryAfter(-bucket.left / this.perSecond) });
    }
    bucket.left -= amount;
  }
}
