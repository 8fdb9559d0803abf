import { AuditError } from '../errors';
import type { AlarmListener } from './alarm';
import type { WriteLimits } from './limits';

/** Backpressure: counts the events that were refused while the queue is full. */
export class Refusals {
  private count = 0;
  private since = 0;

  constructor(
    private readonly limits: WriteLimits,
    private readonly listener: AlarmListener,
    private readonly now: () => number,
  ) {}

  /** Counts one refused event, and returns its error. */
  add(): AuditError {
    const error = queueFull(this.limits);
    if (this.count++ > 0) return error;
    this.since = this.now();
    this.listener.recordFailure(error);
    return error;
  }

  /**
   * The queue accepts events again. To be called when it is half free: a queue at its bound accepts and refuses by
   * turns, and each turn would be a report.
   */
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
