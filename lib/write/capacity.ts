/** So many events of one tenant may wait when the room is full: a loud tenant must not shut the others out. */
const QUIET = 10;

/** How much more may wait then, as a part of the bound. */
const RESERVE = 0.1;

/** A bound on how much may wait: in number and in bytes. What does not fit is refused, or waits for room. */
export class Capacity {
  private items = 0;
  private bytes = 0;
  private listeners: (() => void)[] = [];

  constructor(
    private readonly maxItems: number,
    private readonly maxBytes: number,
  ) {}

  /**
   * Whether one more item of that size fits. One always fits into an empty room.
   * @param beside items that wait of the same tenant
   */
  fits(bytes: number, beside = Infinity): boolean {
    const share = beside < QUIET ? 1 + RESERVE : 1;
    const fitsIn = this.items + 1 <= this.maxItems * share && this.bytes + bytes <= this.maxBytes * share;
    return this.items === 0 || fitsIn;
  }

  /** Takes room for one item, if it fits. */
  tryReserve(bytes: number, beside?: number): boolean {
    if (!this.fits(bytes, beside)) return false;
    this.reserve(bytes);
    return true;
  }

  /** Takes room for one item whether or not it fits. */
  reserve(bytes: number): void {
    this.items++;
    this.bytes += bytes;
  }

  /** Whether half of the bound is free. */
  get isHalfFree(): boolean {
    return this.items <= this.maxItems / 2 && this.bytes <= this.maxBytes / 2;
  }

  /** Resolves once something has left. */
  async released(): Promise<void> {
    await new Promise<void>((resolve) => this.listeners.push(resolve));
  }

  release(bytes: number): void {
    this.items--;
    this.bytes -= bytes;
    this.notify();
  }

  /** Lets those look again who wait for a change. */
  notify(): void {
    const waiting = this.listeners;
    this.listeners = [];
    for (const resume of waiting) resume();
  }
}
