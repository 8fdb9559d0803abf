import { AuditError } from '../errors';
import type { AppendRefusal } from '../store/store';
import { quote } from '../util/quote';
import type { PendingEvent } from './pending-event';

/** Characters of what the database says that a message repeats. */
const REASON = 500;

/** Refusals of one event after which, while nothing else is taken, it is no matter of a moment. */
const LASTING = 5;

/** What tells refused events from an outage. */
export interface RefusedEventsParts {
  /** Inserts that the store has taken in this process, of any tenant. */
  taken(): number;
  /**
   * Records that an event was refused. That this entry is taken shows that it is no outage.
   * @returns whether it does, in another chain, so that it is also who meets an outage
   */
  refused(pending: PendingEvent, error: AuditError): boolean;
  failed(pending: PendingEvent, error: AuditError): void;
}

/**
 * Tells an event that the database does not take, such as one that a validator refuses, from a database that takes none: it
 * was refused alone, others were taken, and it was refused again. It fails, so that it does not stop the chain.
 */
export class RefusedEvents {
  /**
   * The event that was refused alone last, how many inserts had been taken by then, how often it was, and whether an entry
   * of another chain will show whether others are taken.
   */
  private noted: { pending: PendingEvent; taken: number; count: number; isShown: boolean } | null = null;

  constructor(private readonly parts: RefusedEventsParts) {}

  /** An event was refused alone. True when it is that event, which has failed now. */
  refuse(pending: PendingEvent, refusal: AppendRefusal): boolean {
    const taken = this.parts.taken();
    const error = eventRefused(pending, refusal);
    if (this.noted?.pending !== pending) {
      this.noted = { pending, taken, count: 1, isShown: false };
      this.noted.isShown = this.parts.refused(pending, error);
      return false;
    }
    this.noted.count++;
    if (taken === this.noted.taken) return false;
    this.noted = null;
    this.parts.failed(pending, error);
    return true;
  }

  /** Whether nothing was taken since an event was refused, for so long that it is not tried at short intervals any more. */
  get isLasting(): boolean {
    return this.noted !== null && this.noted.count >= LASTING;
  }

  /** Whether that is an outage, as far as this chain can tell. */
  get isOutage(): boolean {
    return this.isLasting && this.noted?.isShown === false;
  }
}

function eventRefused({ drafted: { draft } }: PendingEvent, { cause }: AppendRefusal): AuditError {
  const name = `The event ${quote(draft.id)} of the tenant ${quote(draft.tenantId)}`;
  const why = cause.message.slice(0, REASON);
  return new AuditError(
    'EVENT_REFUSED',
    `${name} was not recorded: the database takes others, and not this one: ${why}.`,
    { cause },
  );
}
