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
    while (this.size > 0 && !this.stopped) {
      await this.target.change();
      await this.drainPortion();
    }
    this.draining = false;
  }

  private async drainPortion(): Promise<void> {
    const portion = this.portion();
    const [{ place: start }] = portion as [Spilled];
    const last = (portion.at(-1) as Spilled).place;
    const bytes = start.segment.read(start.offset, last.offset + last.length - start.offset);
    for (const spilled of portion) {
      const { offset, length } = spilled.place;
      const line = bytes.toString('utf8', offset - start.offset, offset - start.offset + length - 1);
      if (!(await this.enter(spilled, line))) return;
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
  private async enter({ name, place, waiting }: Spilled, text: string): Promise<boolean> {
    const line = readLine(text);
    if (line?.kind !== 'event') {
      this.target.failed(waiting, place, damaged(name));
      return true;
    }
    while (!this.target.enter(line.drafted, waiting, place)) {
      await this.target.change();
      if (this.stopped) return false;
    }
    return true;
  }
}

function damaged({ tenantId, id }: EventName): AuditError {
  const name = `The event ${quote(id)} of the tenant ${quote(tenantId)}`;
  return new AuditError('UNREADABLE', `${name} was not recorded: its line in the spool was damaged.`);
}
