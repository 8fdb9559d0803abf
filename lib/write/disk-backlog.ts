import { AuditError, type EventName } from '../errors';
import { quote } from '../util/quote';
import type { DraftedEvent } from '../event/drafter';
import type { Caller } from './pending-event';
import { readLine } from './spool/spool-line';
import type { LinePosition } from './spool/segment';

interface BackloggedEvent {
  name: EventName;
  position: LinePosition;
  caller: Caller;
}

/** Bytes that are read back at a time. */
const PORTION = 1024 * 1024;

/** The queue in memory, which the events of the backlog go to. */
export interface BacklogTarget {
  /** Puts an event into the queue. False when it does not fit. */
  enqueue(drafted: DraftedEvent, caller: Caller, position: LinePosition): boolean;
  /** Resolves when something has left the queue. */
  released(): Promise<void>;
  failed(caller: Caller, position: LinePosition, error: AuditError): void;
}

/** Events that are in the spool alone, because the queue in memory is full. They are read back in call order. */
export class DiskBacklog {
  private events: BackloggedEvent[] = [];
  private first = 0;
  private draining = false;
  private stopped = false;

  constructor(private readonly target: BacklogTarget) {}

  /** Number of events in the backlog. */
  get size(): number {
    return this.events.length - this.first;
  }

  add({ tenantId, id }: EventName, position: LinePosition, caller: Caller): void {
    this.events.push({ name: { tenantId, id }, position, caller });
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
    const lines = readLines(portion.map(({ position }) => position));
    for (const [i, event] of portion.entries()) {
      if (!(await this.enqueue(event, lines[i]))) return;
      this.first++;
    }
    if (this.first < this.events.length / 2) return;
    this.events = this.events.slice(this.first);
    this.first = 0;
  }

  /** The next events of one segment, up to the bytes that are read at a time. */
  private portion(): BackloggedEvent[] {
    const { segment, offset } = (this.events[this.first] as BackloggedEvent).position;
    let end = this.first + 1;
    for (let next = this.events[end]; next?.position.segment === segment; next = this.events[++end])
      if (next.position.offset + next.position.length - offset > PORTION) break;
    return this.events.slice(this.first, end);
  }

  /** False when the ledger was closed meanwhile. */
  private async enqueue(
    { name, position, caller }: BackloggedEvent,
    text: string | Error = '',
  ): Promise<boolean> {
    const line = typeof text === 'string' ? readLine(text) : null;
    if (line?.kind !== 'event') {
      this.target.failed(caller, position, damaged(name, text));
      return true;
    }
    while (!this.target.enqueue(line.drafted, caller, position)) {
      await this.target.released();
      if (this.stopped) return false;
    }
    return true;
  }
}

/** Reads lines of one segment; each is an error when they cannot be read. */
function readLines(positions: readonly LinePosition[]): (string | Error)[] {
  const [{ segment, offset: start }, last] = [positions[0], positions.at(-1)] as [LinePosition, LinePosition];
  try {
    const bytes = segment.read(start, last.offset + last.length - start);
    return positions.map(({ offset, length }) =>
      bytes.toString('utf8', offset - start, offset - start + length - 1),
    );
  } catch (error) {
    return positions.map(() => error as Error);
  }
}

function damaged({ tenantId, id }: EventName, cause: unknown): AuditError {
  const name = `The event ${quote(id)} of the tenant ${quote(tenantId)}`;
  const what = `${name} was not recorded: its line in the spool`;
  if (!(cause instanceof Error)) return new AuditError('SPOOL_DAMAGED', `${what} was damaged.`);
  return new AuditError('SPOOL_DAMAGED', `${what} cannot be read: ${cause.message}.`, { cause });
}
