import { clearTimeout, setTimeout } from '../real-timers';

/**
 * The group commit delay, in milliseconds: one insert of many events costs little more than one of a single event. Twice
 * as long would save a tenth of what an event costs at 700 a second, and leave twice as much to a process that is killed.
 */
const DELAY = 100;

/** Group commit delay: holds an insert back so that more events join it, until a caller awaits one of them. */
export class Gathering {
  private ended = false;
  private resolve: (() => void) | null = null;

  /** Ends the running delay, or else the next one. */
  end(): void {
    this.ended = true;
    this.resolve?.();
  }

  /** Resolves after the delay, or when it is ended. */
  async wait(): Promise<void> {
    if (!this.ended) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.resolve = resolve;
        timer = setTimeout(resolve, DELAY);
      });
      clearTimeout(timer);
    }
    this.resolve = null;
    this.ended = false;
  }
}
