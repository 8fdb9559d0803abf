import { AuditError } from '../errors';
import { clearTimeout, setTimeout } from '../real-timers';

/** So long nothing may get on while events wait, in milliseconds. */
const PATIENCE = 5_000;

/** So often it is looked in that time. */
const LOOKS = 5;

/** What a watch looks at. */
export interface Watched {
  /** Events that wait. */
  waiting(): number;
  /** Told when nothing has got on for too long; again after as long. */
  stalled(error: AuditError): void;
}

/**
 * Notices that recording does not get on. A database that hangs gives no error for a long time: its connections stay open,
 * and nothing is answered. It counts looks, not time: while the process itself stands still, suspended or busy, it takes no
 * answer, and looks no more than once.
 */
export class StallWatch {
  private timer: NodeJS.Timeout | null = null;
  /** Looks since something got on, or began to wait. */
  private looks = 0;

  constructor(
    private readonly watched: Watched,
    private readonly patience = PATIENCE,
  ) {}

  /** An event begins to wait. Where it is the only one, nothing was to get on before it. */
  begin(isOnly: boolean): void {
    if (isOnly || !this.timer) this.looks = 0;
    if (!this.timer) this.look();
  }

  /** An event has ended: durable, or failed. */
  progress(): void {
    this.looks = 0;
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  private look(): void {
    this.timer = setTimeout(() => {
      this.timer = null;
      const waiting = this.watched.waiting();
      if (waiting === 0) return;
      this.looks++;
      // The first look may come right after the beginning.
      if (this.looks > LOOKS) {
        this.looks = 0;
        this.watched.stalled(stalled(waiting, this.patience));
      }
      this.look();
    }, this.patience / LOOKS).unref();
  }
}

function stalled(waiting: number, patience: number): AuditError {
  const what = `${waiting} events wait, and none was recorded for ${patience / 1000} s`;
  const why =
    'The database does not answer, or is not connected. They are kept in memory, and recorded once it answers';
  return new AuditError('RECORDING_STALLED', `${what}. ${why}.`);
}
