import { pause } from '../write/pause';

/** So many times as long as it has worked, whoever gives way waits: with what is sent, it works for a fifteenth of the time. */
const REST = 24;

/** Waits of one after its work, and with those who wait before it, at most, in milliseconds. */
const LONGEST = 5_000;
const LONGEST_IN_TURN = 60_000;

/**
 * Recording has the right of way before streams that catch up in the same process: each waits after a portion in proportion to
 * the work that it was, and one after the other, so that many that are behind take no more than one.
 */
export class RightOfWay {
  /** When those who wait have done so. */
  private until = 0;

  constructor(private readonly elapsed: () => number = () => performance.now()) {}

  /** How long to wait now after so much work, in milliseconds. */
  after(work: number): number {
    const now = this.elapsed();
    this.until = Math.max(now, this.until) + Math.min(LONGEST, REST * work);
    this.until = Math.min(this.until, now + LONGEST_IN_TURN);
    return this.until - now;
  }

  /** Waits. @throws an `AbortError` when `signal` is aborted meanwhile */
  async give(work: number, signal: AbortSignal): Promise<void> {
    await pause(this.after(work), signal, false);
  }
}
