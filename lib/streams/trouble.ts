import { AuditError } from '../errors';
import type { Failure } from './dispatch';

/** Who is told that a stream fails, and that it goes on. */
export interface TroubleListener {
  failed(error: AuditError, details: { reason: string; attempts: number }): void;
  resumed(details: { reason: string; since: number }): void;
}

/** Failed tries in a row that are more than a busy moment. */
const ATTEMPTS = 3;

/** What is wrong with a stream, told once until it is over: a day's outage is one error and two entries. */
export class Trouble {
  /** Since when it fails, in milliseconds since 1970; null while it does not, or nobody was told. */
  since: number | null = null;
  reason = '';

  constructor(
    private readonly name: string,
    private readonly listener: TroubleListener,
    private readonly now: () => number,
  ) {}

  failed({ result, reason }: Pick<Failure, 'result' | 'reason'>, attempts: number): void {
    this.reason = reason;
    if (this.since !== null || (result === 'retry' && attempts < ATTEMPTS)) return;
    this.since = this.now();
    const mend = 'what was recorded meanwhile is delivered when it takes entries again';
    const what = `The stream ${JSON.stringify(this.name)} is not delivered: ${reason}`;
    this.listener.failed(new AuditError('STREAM_FAILED', `${what}; ${mend}.`), { reason, attempts });
  }

  succeeded(): void {
    const { since, reason } = this;
    this.since = null;
    if (since !== null) this.listener.resumed({ reason, since });
  }
}
