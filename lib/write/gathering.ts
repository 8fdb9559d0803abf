/** How long an event that nobody waits for waits for others, in milliseconds: one insert for all costs little more than for one. */
const GATHER = 50;

/** Lets events that nobody waits for gather, until somebody does. */
export class Gathering {
  private hurried = false;
  private go: (() => void) | null = null;

  /** Ends the wait, or the next one. */
  end(): void {
    this.hurried = true;
    this.go?.();
  }

  /** Resolves after 50 ms, or at once when hurried. */
  async wait(): Promise<void> {
    if (!this.hurried) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.go = resolve;
        timer = setTimeout(resolve, GATHER);
      });
      clearTimeout(timer);
    }
    this.go = null;
    this.hurried = false;
  }
}
