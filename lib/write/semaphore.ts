/** Limits how many tasks run at a time. Others wait, first in, first out. */
export class Semaphore {
  private running = 0;
  private readonly queue: (() => void)[] = [];

  /** @param limit how many tasks may run at a time; asked for at the beginning of each, if it may change */
  constructor(private readonly limit: number | (() => number)) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    const limit = typeof this.limit === 'number' ? this.limit : this.limit();
    if (this.running < limit) this.running++;
    else await new Promise<void>((resolve) => this.queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.queue.shift();
      if (next) next();
      else this.running--;
    }
  }
}
