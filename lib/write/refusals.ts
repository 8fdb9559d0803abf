import { AuditError } from '../errors';
import type { AlarmListener } from './alarm';
import type { WriteLimits } from './limits';

/** Events that were refused since the queue was full, counted until there is room again. */
export class Refusals {
  private count = 0;
  private since = 0;

  constructor(
    private readonly limits: WriteLimits,
    private readonly listener: AlarmListener,
    private readonly now: () => number,
  ) {}

  /** The error of one more refused event. */
  add(): AuditError {
    const error = queueFull(this.limits);
    if (this.count++ > 0) return error;
    this.since = this.now();
    this.listener.recordFailure(error);
    return error;
  }

  /** There is room again, and not for one event alone: a queue at its bound takes and refuses in turn. */
  end(): void {
    if (this.count === 0) return;
    const { count, since } = this;
    this.count = 0;
    this.listener.resumed(queueFull(this.limits), since, count);
  }
}

function queueFull({ queueEvents, queueBytes }: WriteLimits): AuditError {
  const bound = `limits.queueEvents ${queueEvents}, limits.queueBytes ${queueBytes}`;
  const mend = 'The database is away or too slow: answer 503, or raise the limit';
  return new AuditError('QUEUE_FULL', `The event was not recorded: the queue is full (${bound}). ${mend}.`);
}
