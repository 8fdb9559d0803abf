import { Problem } from './api/problem';

/** What is left of an allowance. */
interface Bucket {
  left: number;
  at: number;
}

/** Allowances that are remembered: who has not been seen for longest begins anew. */
const REMEMBERED = 10_000;

/** How much each of many may do in a time; what one has not used it may use at once, up to a bound. */
export class Allowance {
  readonly #buckets = new Map<string, Bucket>();

  /**
   * @param now the clock, in milliseconds
   * @param detail what who has used theirs is told
   */
  constructor(
    private readonly perSecond: number,
    private readonly now: () => number,
    private readonly detail: string,
    private readonly atOnce = perSecond,
  ) {}

  /**
   * Takes from somebody's allowance. It may be overdrawn once: a large request is only put off.
   * @throws Problem 429
   */
  take(id: string, amount = 1): void {
    const now = this.now();
    const bucket = this.#buckets.get(id) ?? { left: this.atOnce, at: now };
    const passed = Math.max(0, now - bucket.at) / 1000;
    bucket.left = Math.min(this.atOnce, bucket.left + passed * this.perSecond);
    bucket.at = now;
    this.#keep(id, bucket);
    if (bucket.left < Math.min(1, this.atOnce))
      throw tooMany(this.detail, (1 - bucket.left) / this.perSecond);
    bucket.left -= amount;
  }

  #keep(id: string, bucket: Bucket): void {
    this.#buckets.delete(id);
    this.#buckets.set(id, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > REMEMBERED && oldest !== undefined) this.#buckets.delete(oldest);
  }
}

/** The problem of who asks for too much, with when to ask again. */
export function tooMany(detail: string, seconds: number): Problem {
  return new Problem(429, detail, undefined, { headers: retryAfter(seconds) });
}

export function retryAfter(seconds: number): Record<string, string> {
  return { 'Retry-After': String(Math.max(1, Math.ceil(seconds))) };
}
