import { AuditError } from '../errors';
import type { Failure } from './dispatch';

/** Who is told that a stream fails, and that it goes on. */
export interface TroubleListener {
  /** `untold`: how often it has failed and gone on before without a word, because that was too often. */
  failed(error: AuditError, details: { reason: string; attempts: number; untold?: number }): void;
  resumed(details: { reason: string; since: number }): void;
}

/** Failed tries in a row that are more than a busy moment. */
const ATTEMPTS = 3;

/** Failures of a stream that are told in an hour: a destination that fails and goes on in turn fills no chain. */
export const TOLD = { most: 10, in: 3_600_000 };

/**
 * What is wrong with a stream, told once until it is over: a day's outage is one error and two entries. Of a destination that
 * fails and goes on in turn the first times are told, and how often it was besides with the next that is.
 */
export class Trouble {
  /** Since when it fails, in milliseconds since 1970; null while it does not. */
  since: number | null = null;
  reason = '';
  private isTold = false;
  /** When the last failures were told. */
  private readonly times: number[] = [];
  private untold = 0;

  constructor(
    private readonly name: string,
    private readonly listener: TroubleListener,
    private readonly now: () => number,
  ) {}

  failed({ result, reason }: Pick<Failure, 'result' | 'reason'>, attempts: number): void {
    this.reason = reason;
    if (this.since === null && result === 'retry' && attempts < ATTEMPTS) return;
    this.since ??= this.now();
    if (this.isTold || !this.mayTell()) return;
    this.isTold = true;
    const mend = 'what was recorded meanwhile is delivered when it takes entries again';
    const what = `The stream ${JSON.stringify(this.name)} is not delivered: ${reason}`;
    const { untold } = this;
    this.untold = 0;
    const details = { reason, attempts, ...(untold > 0 && { untold }) };
    this.listener.failed(new AuditError('STREAM_FAILED', `${what}; ${mend}.`), details);
  }

  succeeded(): void {
    const { since, reason, isTold } = this;
    [this.since, this.isTold] = [null, false];
    if (since === null) return;
    if (isTold) this.listener.resumed({ reason, since });
    else this.untold++;
  }

  /** Goes on where another process was, which has told of it. */
  takeOver(since: number | null, reason: string): void {
    [this.since, this.reason, this.isTold] = [since, reason, since !== null];
  }

  private mayTell(): boolean {
    const now = this.now();
    if (this.times.length >= TOLD.most) {
      if (now - (this.times[0] ?? 0) < TOLD.in) return false;
      this.times.shift();
    }
    this.times.push(now);
    return true;
  }
}
