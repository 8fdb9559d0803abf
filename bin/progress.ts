/** Where progress is shown: `process.stderr` fits. */
export interface ProgressTarget {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Amounts in words. */
interface Unit {
  amount(count: number): string;
  rate(perSecond: number): string;
}

const MEBIBYTE = 1024 * 1024;

const mebibytes = (bytes: number) => `${(bytes / MEBIBYTE).toFixed(1)} MiB`;

/** Of a file. */
export const BYTES: Unit = { amount: mebibytes, rate: (perSecond) => `${mebibytes(perSecond)}/s` };

/** Of a chain. */
export const ENTRIES: Unit = {
  amount: (count) => `${count} entries`,
  rate: (perSecond) => `${Math.round(perSecond)} entries/s`,
};

/** How often the line is written anew, in milliseconds. */
const INTERVAL = 200;

/** Columns of a terminal that does not say how wide it is. */
const WIDTH = 80;

const ERASE = '\r\u001b[K';

/** Says how far a long work is: one line of a terminal, written over; elsewhere nothing. */
export class Progress {
  /** Of how many, where that is known. */
  total: number | null = null;
  private done = 0;
  private shown = -Infinity;
  private isShowing = false;
  private readonly begun: number;

  /** @param subject what is being worked on, as it may stand in a terminal */
  constructor(
    private readonly subject: string,
    private readonly unit: Unit,
    private readonly target: ProgressTarget,
    private readonly now: () => number = Date.now,
  ) {
    this.begun = now();
  }

  add(count: number): void {
    this.done += count;
    const now = this.now();
    if (this.target.isTTY !== true || now - this.shown < INTERVAL) return;
    this.shown = now;
    this.isShowing = true;
    this.target.write(ERASE + this.line(now));
  }

  /** Takes the line away: what comes next is printed in its place. */
  end(): void {
    if (this.isShowing) this.target.write(ERASE);
    this.isShowing = false;
  }

  /** Not longer than the terminal is wide; a long subject gives way, numbers do not. */
  private line(now: number): string {
    const amounts = this.amounts((now - this.begun) / 1000);
    const { columns } = this.target;
    const room = (columns !== undefined && columns > 0 ? columns : WIDTH) - 1 - amounts.length - 2;
    const { subject } = this;
    const shown =
      subject.length > room ? `…${subject.slice(subject.length - Math.max(0, room - 1))}` : subject;
    return `${shown}: ${amounts}`;
  }

  private amounts(seconds: number): string {
    const { done, total, unit } = this;
    const rate = seconds > 0 ? `, ${unit.rate(done / seconds)}` : '';
    if (total === null || total < done) return `${unit.amount(done)}${rate}`;
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
    return `${unit.amount(done)} of ${unit.amount(total)}, ${percent} %${rate}`;
  }
}
