import { AuditError, type EventName } from '../errors';
import { quote } from '../util/quote';
import type { DraftedEvent } from '../event/drafter';
import type { Caller } from './pending-event';
import { setTimeout } from '../real-timers';
import { readLine } from './spool/spool-line';
import type { LinePosition } from './spool/segment';

interface BackloggedEvent {
  name: EventName;
  position: LinePosition;
  caller: Caller;
}

/** Bytes that are read back at a time. */
const PORTION = 1024 * 1024;

/** When chains that took no events are tried again, in milliseconds. */
const AGAIN = 1_000;

/** The queue in memory, which the events of the backlog go to. */
export interface BacklogTarget {
  /** Puts an event into the queue. False when it does not fit. */
  enqueue(drafted: DraftedEvent, caller: Caller, position: LinePosition): boolean;
  /** Whether the chain of a tenant takes no events at present, though the database does. */
  isHeldUp(tenantId: string): boolean;
  /** Resolves when something has left the queue. */
  released(): Promise<void>;
  failed(caller: Caller, position: LinePosition, error: AuditError): void;
}

/** Events that are in the spool alone, because the queue in memory is full. They are read back in call order. */
export class DiskBacklog {
  private events: BackloggedEvent[] = [];
  private first = 0;
  /** Events of chains that take none, by tenant. */
  private readonly parked = new Map<string, BackloggedEvent[]>();
  private draining = false;
  private stopped = false;

  constructor(private readonly target: BacklogTarget) {}

  /** Number of events in the backlog. */
  get size(): number {
    let parked = 0;
    for (const events of this.parked.values()) parked += events.length;
    return this.queued + parked;
  }

  /** Whether an event of a tenant has to wait behind others. */
  isBehind(tenantId: string): boolean {
    return this.queued > 0 || this.parked.has(tenantId);
  }

  /** Those that are not parked. */
  private get queued(): number {
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
    while (this.size > 0 && !this.stopped) {
      this.unpark();
      if (this.queued > 0) await this.drainPortion();
      else await Promise.race([this.target.released(), this.later()]);
    }
    this.draining = false;
  }

  /** A chain may take events again when nothing else is released. */
  private async later(): Promise<void> {
    await new Promise<void>((resolve) => setTimeout(resolve, AGAIN).unref());
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

  /** The next events of one segment that follow one another there, up to the bytes that are read at a time. */
  private portion(): BackloggedEvent[] {
    const { segment, offset } = (this.events[this.first] as BackloggedEvent).position;
    let behind = offset;
    let end = this.first + 1;
    for (let next = this.events[end]; next?.position.segment === segment; next = this.events[++end]) {
      const { position } = next;
      // One that was parked may stand before what came later.
      if (position.offset <= behind || position.offset + position.length - offset > PORTION) break;
      behind = position.offset;
    }
    return this.events.slice(this.first, end);
  }

  /** False when the ledger was closed meanwhile. */
  private async enqueue(event: BackloggedEvent, text: string | Error = ''): Promise<boolean> {
    const { name, position, caller } = event;
    if (this.parked.has(name.tenantId)) {
      this.park(event); // call order
      return true;
    }
    const line = typeof text === 'string' ? readLine(text) : null;
    if (line?.kind !== 'event' || !isNamed(line.drafted, name)) {
      this.target.failed(caller, position, damaged(name, text));
      return true;
    }
    while (!this.target.enqueue(line.drafted, caller, position)) {
      if (this.target.isHeldUp(name.tenantId)) {
        this.park(event);
        return true;
      }
      await this.target.released();
      if (this.stopped) return false;
    }
    return true;
  }

  /** An event of a chain that takes none. Those behind it of other chains must not wait for it. */
  private park(event: BackloggedEvent): void {
    const parked = this.parked.get(event.name.tenantId) ?? [];
    parked.push(event);
    this.parked.set(event.name.tenantId, parked);
  }

  /** Takes up the events of chains that take some again: before those that came later, which may be of the same chains. */
  private unpark(): void {
    const free = [...this.parked].filter(([tenantId]) => !this.target.isHeldUp(tenantId));
    if (free.length === 0) return;
    for (const [tenantId] of free) this.parked.delete(tenantId);
    this.events = [...free.flatMap(([, events]) => events), ...this.events.slice(this.first)];
    this.first = 0;
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

/** Somebody who can write the file may have put another event there. */
function isNamed({ draft }: DraftedEvent, { tenantId, id }: EventName): boolean {
  return draft.tenantId === tenantId && draft.id === id;
}

function damaged({ tenantId, id }: EventName, cause: unknown): AuditError {
  const name = `The event ${quote(id)} of the tenant ${quote(tenantId)}`;
  const what = `${name} was not recorded: its line in the spool`;
  if (!(cause instanceof Error)) return new AuditError('SPOOL_DAMAGED', `${what} was damaged.`);
  return new AuditError('SPOOL_DAMAGED', `${what} cannot be read: ${cause.message}.`, { cause });
}
