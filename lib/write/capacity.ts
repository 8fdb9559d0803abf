/** A tenant with fewer queued events than this may use the reserve: a loud tenant must not lock the others out. */
const QUIET = 10;

/** The reserve, as a part of the bound. */
const RESERVE = 0.1;

/** Backpressure: a bound on a queue, in items and in bytes. */
export class Capacity {
  private items = 0;
  private bytes = 0;
  private listeners: (() => void)[] = [];

  constructor(
    private readonly maxItems: number,
    private readonly maxBytes: number,
  ) {}

  /**
   * Whether one more item of that size fits. An empty queue takes an item of any size.
   * @param ofTenant queued items of the same tenant
   */
  fits(bytes: number, ofTenant = Infinity): boolean {
    const share = ofTenant < QUIET ? 1 + RESERVE : 1;
    const fitsIn = this.items + 1 <= this.maxItems * share && this.bytes + bytes <= this.maxBytes * share;
    return this.items === 0 || fitsIn;
  }

  /** Reserves capacity for one item, if it fits. */
  tryReserve(bytes: number): boolean {
    if (!this.fits(bytes)) return false;
    this.reserve(bytes);
    return true;
  }

  /** Reserves capacity for one item, even if it does not fit. */
  reserve(bytes: number): void {
    this.items++;
    this.bytes += bytes;
  }

  /** Whether half of the bound is free. */
  get isHalfFree(): boolean {
    return this.items <= this.maxItems / 2 && this.bytes <= this.maxBytes / 2;
  }

  /** Resolves when capacity is released, or on `notify`. */
  async released(): Promise<void> {
    await new Promise<void>((resolve) => this.listeners.push(resolve));
  }

  release(bytes: number): void {
    this.items--;
    this.bytes -= bytes;
    this.notify();
  }

  /** Resolves all promises of `released`, so that their holders check again. */
  notify(): void {
    const { listeners } = this;
    this.listeners = [];
    for (const resolve of listeners) resolve();
  }
}
