/** Work that waits for its turn. */
interface Waiting {
  go(): void;
}

/** Lets a few pieces of work run at a time. Tenants take turns, so that none has to wait for all that another asks for. */
export class Turns {
  /** By tenant, the one whose turn is next first. */
  readonly #waiting = new Map<string, Set<Waiting>>();
  readonly #running = new Map<string, number>();
  #free: number;

  /**
   * @param atOnce pieces of work at a time
   * @param ofTenant those of one tenant
   */
  constructor(
    atOnce: number,
    private readonly ofTenant: number,
  ) {
    this.#free = atOnce;
  }

  /**
   * Runs work when its turn has come.
   * @throws the reason of `signal`, when that is aborted before; what the work throws
   */
  async run<T>(tenantId: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (!this.#takes(tenantId)) await this.#turn(tenantId, signal);
    try {
      return await work();
    } finally {
      this.#free++;
      const left = (this.#running.get(tenantId) ?? 1) - 1;
      if (left === 0) this.#running.delete(tenantId);
      else this.#running.set(tenantId, left);
      this.#next();
    }
  }

  #takes(tenantId: string): boolean {
    const running = this.#running.get(tenantId) ?? 0;
    if (this.#free === 0 || running >= this.ofTenant) return false;
    this.#free--;
    this.#running.set(tenantId, running + 1);
    return true;
  }

  #turn(tenantId: string, signal: AbortSignal): Promise<void> {
    const others = this.#waiting.get(tenantId) ?? new Set<Waiting>();
    this.#waiting.set(tenantId, others);
    return new Promise((resolve, reject) => {
      const leave = () => {
        others.delete(waiting);
        if (others.size === 0 && this.#waiting.get(tenantId) === others) this.#waiting.delete(tenantId);
        reject(signal.reason as Error);
      };
      const waiting = {
        go: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      others.add(waiting);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #next(): void {
    for (const [tenantId, others] of this.#waiting) {
      if (this.#free === 0) return;
      if (!this.#takes(tenantId)) continue;
      const [first] = others as Set<Waiting> & [Waiting];
      others.delete(first);
      this.#waiting.delete(tenantId);
      if (others.size > 0) this.#waiting.set(tenantId, others); // behind all others
      first.go();
    }
  }
}
