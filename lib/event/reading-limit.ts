/** Bytes of canonical text up to which a value is read to its end, so that its size and its hash can be told. */
const READ_TO_END = 320 * 1024;

/**
 * How much of a value is read. Each value spends no more than the bytes that its canonical text has at least, so what has
 * passed the limit is surely too large to be kept, and the rest of it is left unread.
 */
export class ReadingLimit {
  spent = 0;
  private readonly max: number;
  private isPartial = false;

  /** @param kept the bytes that may be kept. */
  constructor(kept = 0) {
    this.max = Math.max(kept, READ_TO_END) + 1; // the outermost value has no comma
  }

  spend(bytes: number): void {
    this.spent += bytes;
  }

  /** Notes that something was not looked at. */
  leaveOut(): void {
    this.isPartial = true;
  }

  get isPassed(): boolean {
    return this.spent > this.max;
  }

  /** Whether anything was left unread. */
  get isCut(): boolean {
    return this.isPartial || this.isPassed;
  }

  get left(): number {
    return Math.max(0, this.max - this.spent);
  }
}
