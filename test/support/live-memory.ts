import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Lets go of all that nothing refers to. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc'); // Jest's processes are not started with it
  const gc = runInNewContext('gc') as () => void;
  gc();
  gc(); // what the first one finalized
}

/** Bytes in use, on the heap and in buffers, once all that nothing refers to is gone. */
export function liveMemory(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The most memory that was in use at any of the moments at which it was measured. */
export class PeakMemory {
  private peak = 0;

  measure(): void {
    this.peak = Math.max(this.peak, liveMemory());
  }

  /** The peak so far; the next one begins at nothing. */
  take(): number {
    const { peak } = this;
    this.peak = 0;
    return peak;
  }
}
