import { AuditError, type EventName } from '../errors';
import { quote } from '../quote';
import type { DraftedEvent } from '../record/recorder';
import type { Waiting } from './pending';
import { readLine } from './spool/line';
import type { Place } from './spool/segment';

interface Spilled {
  name: EventName;
  place: Place;
  waiting: Waiting;
}

/** Bytes that are read back at a time. */
const PORTION = 1024 * 1024;

/** Where spilled events go once there is room. */
export interface SpillTarget {
  /** Queues an event, if there is room. */
  enter(drafted: DraftedEvent, waiting: Waiting, place: Place): boolean;
  /** Resolves when there may be room again. */
  change(): Promise<void>;
  failed(waiting: Waiting, place: Place, error: AuditError): void;
}

/** Events that wait in the spool alone, since the queue in memory is full: read back in the order in which they came. */
export class Spill {
  private waiting: Spilled[] = [];
  private first = 0;
  private draining = false;
  private stopped = false;

  constructor(private readonly target: SpillTarget) {}

  /** Events that wait. */
  get size(): number {
    return this.waiting.length - this.first;
  }

  add({ tenantId, id }: EventName, place: Place, waiting: Waiting): void {
    this.waiting.push({ name: { tenantId, id }, place, waiting });
    if (this.draining) return;
    this.draining = true;
    void this.drain();
  }

  stop(): void {
    this.stopped = true;
  }

  private async drain(): Promise<void> {
    await this.target.change(); // the queue was full
    while (this.size > 0 && !this.stopped) await this.drainPortion();
    this.draining = false;
  }

  private async drainPortion(): Promise<void> {
    const portion = this.portion();
    const lines = linesOf(portion.map(({ place }) => place));
    for (const [i, spilled] of portion.entries()) {
      if (!(await this.enter(spilled, lines[i]))) return;
      this.first++;
    }
    if (this.first < this.waiting.length / 2) return;
    this.waiting = this.waiting.slice(this.first);
    this.first = 0;
  }

  /** The next events that stand in one segment, in as few bytes as are read at a time. */
  private portion(): Spilled[] {
    const { segment, offset } = (this.waiting[this.first] as Spilled).place;
    let end = this.first + 1;
    for (let next = this.waiting[end]; next?.place.segment === segment; next = this.waiting[++end])
      if (next.place.offset + next.place.length - offset > PORTION) break;
    return this.waiting.slice(this.first, end);
  }

  /** False when the ledger was closed meanwhile. */
  private async enter({ name, place, waiting }: Spilled, text: string | Error = ''): Promise<boolean> {
    const line = typeof text === 'string' ? readLine(text) : null;
    if (line?.kind !== 'event') {
      this.target.failed(waiting, place, damaged(name, text));
      return true;
    }
    while (!this.target.enter(line.drafted, waiting, place)) {
      await this.target.change();
      if (this.stopped) return false;
    }
    return true;
  }
}

/** The lines of places in one segment; for each the error when they cannot be read. */
function linesOf(places: readonly Place[]): (string | Error)[] {
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
