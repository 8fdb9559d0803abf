/** Lets few work at a time, in the order in which they asked. */
export class Semaphore {
  private readonly queue: (() => void)[] = [];

  /** @param free how many may work at a time */
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
