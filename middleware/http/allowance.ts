import { Allowances } from '../../lib/util/allowances';
import { Problem } from './api/problem';

/** How much each of many clients may ask for in a time. */
export class Allowance {
  readonly #allowances: Allowances;

  /**
   * @param now the clock, in milliseconds
   * @param detail what who has used theirs is told
   */
  constructor(
    perSecond: number,
    now: () => number,
    private readonly detail: string,
    atOnce = perSecond,
  ) {
    this.#allowances = new Allowances({ perSecond, atOnce }, now);
  }

  /**
   * Takes from somebody's allowance. It may be overdrawn once: a large request is only put off.
   * @throws Problem 429
   */
  take(id: string, amount = 1): void {
    const seconds = this.#allowances.take(id, amount);
    if (seconds > 0) throw tooMany(this.detail, seconds);
  }
}

/** The problem of who asks for too much, with when to ask again. */
export function tooMany(detail: string, seconds: number): Problem {
  return new Problem(429, detail, undefined, { headers: retryAfter(seconds) });
}

export function retryAfter(seconds: number): Record<string, string> {
  return { 'Retry-After': String(Math.max(1, Math.ceil(seconds))) };
}
