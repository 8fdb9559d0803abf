import { AuditError } from '../errors';
import { clearTimeout, setTimeout } from '../real-timers';

/** That of when the package was loaded: a test's world may have ended when a timer is due. */
const now = performance.now.bind(performance);

/** So long nothing may get on while events wait, in milliseconds. */
const PATIENCE = 5_000;

/** What a watch looks at. */
export interface Watched {
  /** Events that wait. */
  waiting(): number;
  /** Told when nothing has got on for too long; again after as long. */
  stalled(error: AuditError): void;
}

/**
 * Notices that recording does not get on. A database that hangs gives no error for a long time: its connections stay open,
 * and nothing is answered.
 */
export class StallWatch {
  private timer: NodeJS.Timeout | null = null;
  private lastProgress = 0;

  constructor(
    private readonly watched: Watched,
    private readonly patience = PATIENCE,
  ) {}

  /** An event begins to wait. */
  begin(): void {
    if (this.timer) return;
    this.lastProgress = now();
    this.look(this.patience);
  }

  /** An event has ended: durable, or failed. */
  progress(): void {
    this.lastProgress = now();
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private look(wait: number): void {
    this.timer = setTimeout(() => {
      this.timer = null;
      const waiting = this.watched.waiting();
      if (waiting === 0) return;
      const left = this.lastProgress + this.patience - now();
      if (left <= 0) this.watched.stalled(stalled(waiting, this.patience));
      this.look(left > 0 ? left : this.patience);
    }, wait).unref();
  }
}

function stalled(waiting: number, patience: number): AuditError {
  const what = `${waiting} events wait, and none was recorded for ${patience / 1000} s`;
  const why =
    'The database does not answer, or is not connected. They are kept in memory, and recorded once it answers';
  return new AuditError('RECORDING_STALLED', `${what}. ${why}.`);
}
