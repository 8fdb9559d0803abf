/** A bound on how much may wait: in number and in bytes. What does not fit is refused, or waits for room. */
export class Room {
  private items = 0;
  private bytes = 0;
  private waiting: (() => void)[] = [];

  constructor(
    private readonly maxItems: number,
    private readonly maxBytes: number,
  ) {}

  /** Whether one more item of that size fits. One always fits into an empty room. */
  fits(bytes: number): boolean {
    return this.items === 0 || (this.items < this.maxItems && this.bytes + bytes <= this.maxBytes);
  }

  /** Takes room for one item, if it fits. */
  take(bytes: number): boolean {
    if (!this.fits(bytes)) return false;
    this.items++;
    this.bytes += bytes;
    return true;
  }

  /** Resolves once something has left. */
  async change(): Promise<void> {
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  leave(bytes: number): void {
    this.items--;
    this.bytes -= bytes;
    const waiting = this.waiting;
    this.waiting = [];
    for (const resume of waiting) resume();
  }
}
