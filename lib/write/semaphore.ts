/** Limits how many tasks run at a time. Others wait, first in, first out. */
export class Semaphore {
  private readonly queue: (() => void)[] = [];

  /** @param free how many tasks may run at a time */
  constructor(private free: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.queue.shift();
      if (next) next();
      else this.free++;
    }
  }
}
