import { setImmediate } from '../real-timers';

/** How long the work between two turns of the event loop may take, in milliseconds. */
const LIMIT = 10;

/** Lets others have their turn in the middle of much work: what is stored may be many times as much as is usual. */
export class Breather {
  private since = performance.now();

  /** Resolves at once, or in a later turn of the event loop where the last one was long ago. */
  async breathe(): Promise<void> {
    if (performance.now() - this.since < LIMIT) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.since = performance.now();
  }
}
