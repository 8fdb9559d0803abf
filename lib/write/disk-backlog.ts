import { AuditError, type EventName } from '../errors';
import { quote } from '../util/quote';
import type { DraftedEvent } from '../event/drafter';
import type { Caller } from './pending';
import { readLine } from './spool/spool-line';
import type { Place } from './spool/segment';

interface BackloggedEvent {
  name: EventName;
  place: Place;
  caller: Caller;
}

/** Bytes that are read back at a time. */
const PORTION = 1024 * 1024;

/** Where spilled events go once there is room. */
export interface BacklogTarget {
  /** Queues an event, if there is room. */
  enter(drafted: DraftedEvent, caller: Caller, place: Place): boolean;
  /** Resolves when there may be room again. */
  released(): Promise<void>;
  failed(caller: Caller, place: Place, error: AuditError): void;
}

/** Events that wait in the spool alone, since the queue in memory is full: read back in the order in which they came. */
export class DiskBacklog {
  private events: BackloggedEvent[] = [];
  private first = 0;
  private draining = false;
  private stopped = false;

  constructor(private readonly target: BacklogTarget) {}

  /** Events that wait. */
  get size(): number {
    return this.events.length - this.first;
  }

  add({ tenantId, id }: EventName, place: Place, caller: Caller): void {
    this.events.push({ name: { tenantId, id }, place, caller });
    if (this.draining) return;
    this.draining = true;
    void this.drain();
  }

  stop(): void {
    this.stopped = true;
  }

  private async drain(): Promise<void> {
    await this.target.released(); // the queue was full
    while (this.size > 0 && !this.stopped) await this.drainPortion();
    this.draining = false;
  }

  private async drainPortion(): Promise<void> {
    const portion = this.portion();
    const lines = readLines(portion.map(({ place }) => place));
    for (const [i, spilled] of portion.entries()) {
      if (!(await this.enter(spilled, lines[i]))) return;
      this.first++;
    }
    if (this.first < this.events.length / 2) return;
    this.events = this.events.slice(this.first);
    this.first = 0;
  }

  /** The next events that stand in one segment, in as few bytes as are read at a time. */
  private portion(): BackloggedEvent[] {
    const { segment, offset } = (this.events[this.first] as BackloggedEvent).place;
    let end = this.first + 1;
    for (let next = this.events[end]; next?.place.segment === segment; next = this.events[++end])
      if (next.place.offset + next.place.length - offset > PORTION) break;
    return this.events.slice(this.first, end);
  }

  /** False when the ledger was closed meanwhile. */
  private async enter({ name, place, caller }: BackloggedEvent, text: string | Error = ''): Promise<boolean> {
    const line = typeof text === 'string' ? readLine(text) : null;
    if (line?.kind !== 'event') {
      this.target.failed(caller, place, damaged(name, text));
      return true;
    }
    while (!this.target.enter(line.drafted, caller, place)) {
      await this.target.released();
      if (this.stopped) return false;
    }
    return true;
  }
}

/** The lines of places in one segment; for each the error when they cannot be read. */
function readLines(places: readonly Place[]): (string | Error)[] {
  const [{ segment, offset: start }, last] = [places[0], places.at(-1)] as [Place, Place];
  try {
    const bytes = segment.read(start, last.offset + last.length - start);
    return places.map(({ offset, length }) =>
      bytes.toString('utf8', offset - start, offset - start + length - 1),
    );
  } catch (error) {
    return places.map(() => error as Error);
  }
}

function damaged({ tenantId, id }: EventName, cause: unknown): AuditError {
  const name = `The event ${quote(id)} of the tenant ${quote(tenantId)}`;
  const what = `${name} was not recorded: its line in the spool`;
  if (!(cause instanceof Error)) return new AuditError('UNREADABLE', `${what} was damaged.`);
  return new AuditError('UNREADABLE', `${what} cannot be read: ${cause.message}.`, { cause });
}
