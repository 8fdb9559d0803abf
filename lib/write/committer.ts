import type { Reading } from '../chain/chain-check';
import { documentId, type Entry, type Receipt, toReceipt } from '../chain/entry';
import { type Head, link } from '../chain/link';
import { type AuditError, type AuditErrorCode, isAuditError } from '../errors';
import { isoText } from '../event/instant';
import { setImmediate } from '../real-timers';
import { AppendConflict, AppendRefusal, type Store } from '../store/store';
import { type Alarm, type AlarmReporter, isOfOneChain } from './alarm';
import { CONTENTION, delay, OUTAGE } from './backoff';
import { pause } from './pause';
import type { ChainEnd } from './chain-end';
import { Gathering } from './gathering';
import { type PendingEvent, storedReceipt } from './pending-event';
import { RefusedEvents } from './refused-events';
import { SOURCE_POLICIES } from './source-policy';
import { Standstill } from './standstill';
import type { WriteLease } from './write-lease';
import { sha256 } from '../crypto/node';

/** What all committers of a process share. */
export interface CommitterParts {
  store: Store;
  /** Runs `work` when fewer than the maximum of inserts are running. */
  limitInserts<T>(work: () => Promise<T>): Promise<T>;
  /** Called for each try that failed and will be repeated; `attempt` counts from 1. */
  retried(tenantId: string, attempt: number, error: unknown): void;
  alarm: Alarm;
  recorded(pending: PendingEvent, receipt: Receipt, isRepeated?: boolean): void;
  failed(pending: PendingEvent, error: AuditError): void;
  /** See `RefusedEventsParts.refused`. */
  refused(pending: PendingEvent, error: AuditError): boolean;
  /** Inserts that the store has taken. */
  inserts: { taken: number };
  /** The clock, in milliseconds since 1970. */
  now: () => number;
  /** From [0, 1). */
  random: () => number;
  /** Entries in one insert, at most. */
  batch: number;
  /** Aborted when the ledger is closed: ends the waits between tries. */
  signal: AbortSignal;
}

/** The events of one insert, and their entries if these are linked already: valid while the chain ends at `after`. */
interface Insert {
  events: PendingEvent[];
  linked?: { after: Head; entries: Entry[] };
}

/** Bytes in one insert, at most: well below the limit of one MongoDB message. */
const BATCH_BYTES = 8 * 1024 * 1024;

/**
 * Writes one tenant's chain by group commit: the events that were queued during one insert are the next insert. When
 * a caller awaits its event no timer is involved: low latency at low load, full batches at high load. When another
 * process has extended the chain, the unique index refuses the insert; the events not stored get new numbers.
 */
export class Committer {
  private queue: PendingEvent[] = [];
  private running = false;
  private readonly gathering = new Gathering();
  /** The next insert, if its entries were linked during the running insert. */
  private ahead: Insert | null = null;
  /** Counted events in the running insert. */
  inFlight = 0;
  /** Whether the chain takes no entries at present, because of what stands at its end. */
  isHeldUp = false;
  private readonly reporter: AlarmReporter;
  private readonly refusedEvents: RefusedEvents;
  private readonly standstill = new Standstill();
  /** Behind which entry the last insert was tried. */
  private triedBehind: Head | null = null;

  constructor(
    private readonly tenantId: string,
    private readonly parts: CommitterParts,
    private readonly end: ChainEnd,
    private readonly lease: WriteLease,
    /** Called when the queue is empty. */
    private readonly idle: () => void,
  ) {
    this.reporter = { kind: 'tenant', tenantId };
    this.refusedEvents = new RefusedEvents({ ...parts, taken: () => parts.inserts.taken });
  }

  /** Events that are not recorded yet. */
  get unrecorded(): number {
    return this.queue.length + (this.ahead?.events.length ?? 0) + this.inFlight;
  }

  push(pending: PendingEvent): void {
    this.queue.push(pending);
    if (this.queue.length >= this.parts.batch) this.endGathering();
    if (this.running) return;
    this.running = true;
    // A microtask later, so that events recorded in one synchronous run are one insert. By a promise, which no test fakes.
    void Promise.resolve().then(() => this.run());
  }

  /** Ends the group commit delay: a caller awaits a queued event. */
  endGathering(): void {
    this.gathering.end();
  }

  private async run(): Promise<void> {
    this.end.forget();
    while ((this.ahead || this.queue.length > 0) && !this.parts.signal.aborted) {
      if (!this.ahead) await this.gathering.wait();
      const next = this.ahead ?? this.nextInsert();
      this.ahead = null;
      if (this.queue.length > 0) this.gathering.end();
      await this.commit(next);
      this.inFlight = 0;
    }
    this.running = false;
    this.idle();
  }

  /** Takes the next insert from the queue. It ends before a repeated id, whose event then finds the first one stored. */
  private nextInsert(): Insert {
    const ids = new Set<string>();
    let bytes = 0;
    let count = 0;
    for (const { drafted } of this.queue.slice(0, this.parts.batch)) {
      const { draft } = drafted;
      bytes += drafted.bytes;
      if (ids.has(draft.id) || (count > 0 && bytes > BATCH_BYTES)) break;
      ids.add(draft.id);
      count++;
    }
    return { events: this.queue.splice(0, count) };
  }

  private async commit(insert: Insert): Promise<void> {
    let remaining = insert;
    let isRefused = false;
    this.inFlight = insert.events.filter(({ source }) => SOURCE_POLICIES[source].isCounted).length;
    for (let attempt = 0; remaining.events.length > 0; attempt++) {
      try {
        if (await this.lease.acquire()) this.end.forget();
        await this.parts.limitInserts(async () => {
          if (attempt > 0) remaining = { events: await this.withoutStored(remaining.events) };
          remaining = isRefused ? await this.appendFirst(remaining) : await this.append(remaining);
        });
        isRefused = false;
      } catch (error) {
        const wasRefused = isRefused;
        isRefused = error instanceof AppendRefusal;
        if (isRefused && !wasRefused) continue; // at once: it is the first of those that are not stored
        remaining = { events: this.withoutForeign(error, remaining.events) };
        if (!(await this.mayRetry(error, attempt, remaining.events))) return;
      } finally {
        this.lease.written();
      }
    }
  }

  /**
   * Inserts the first event alone, after an insert was refused for one of its events, and gives the others.
   * @throws AppendRefusal while it is not known whether the store takes anything
   */
  private async appendFirst({ events: [first, ...others] }: Insert): Promise<Insert> {
    if (!first) return { events: others };
    try {
      await this.append({ events: [first] });
    } catch (error) {
      if (!(error instanceof AppendRefusal) || !this.refusedEvents.refuse(first, error)) throw error;
    }
    return { events: others };
  }

  /** Inserts all, so that none remains. */
  private async append({ events, linked }: Insert): Promise<Insert> {
    if (events.length === 0) return { events };
    const head = await this.end.read();
    this.triedBehind = head;
    const entries = linked?.after === head ? linked.entries : this.link(events, head);
    this.end.forget(); // unknown until the insert ends
    const end = toHead(entries.at(-1) as Entry);
    const stored = this.parts.store.append(entries);
    setImmediate(() => this.linkAhead(end));
    await stored;
    this.parts.inserts.taken++;
    this.standstill.end();
    await this.end.advance(head, end);
    // After the next insert, if any, has started: the database must not wait for the callers.
    setImmediate(() => this.answer(events, entries));
    return { events: [] };
  }

  private answer(events: PendingEvent[], entries: Entry[]): void {
    this.isHeldUp = false;
    this.parts.alarm.clear(this.reporter);
    events.forEach((pending, i) => this.parts.recorded(pending, toReceipt(entries[i] as Entry)));
  }

  private link(events: PendingEvent[], head: Head): Entry[] {
    const now = isoText(this.parts.now());
    const entries: Entry[] = [];
    for (const { drafted } of events) entries.push(link(drafted.draft, entries.at(-1) ?? head, now, sha256));
    return entries;
  }

  /** Hashes the entries of the next insert during the running one, if the next is full already. */
  private linkAhead(after: Head): void {
    if (this.ahead || this.queue.length < this.parts.batch) return;
    const { events } = this.nextInsert();
    this.ahead = { events, linked: { after, entries: this.link(events, after) } };
  }

  /** Answers the events of a failed insert that are stored, and returns the others. */
  private async withoutStored(events: PendingEvent[]): Promise<PendingEvent[]> {
    const ids = events.map(({ drafted }) => drafted.draft.id);
    const readings = await this.parts.store.find(this.tenantId, ids);
    const stored = new Map(readings.map((reading) => [reading.documentId, reading]));
    return events.filter((pending) => {
      const reading = stored.get(documentId(this.tenantId, pending.drafted.draft.id));
      if (reading) this.answerStored(pending, reading);
      return !reading;
    });
  }

  private answerStored(pending: PendingEvent, reading: Reading): void {
    try {
      this.parts.recorded(pending, storedReceipt(pending.drafted, reading), true);
    } catch (error) {
      this.parts.failed(pending, error as AuditError);
    }
  }

  /**
   * Answers the callers of events that no try will record: the collection is not the ledger's, or not as it must be. What
   * is kept elsewhere, in the outbox or the spool, waits until that is mended.
   */
  private withoutForeign(error: unknown, events: PendingEvent[]): PendingEvent[] {
    if (!isAuditError(error) || !OF_THE_COLLECTION.has(error.code)) return events;
    const isRefused = ({ source, position }: PendingEvent) => source === 'caller' && position === null;
    for (const pending of events.filter(isRefused)) this.parts.failed(pending, error);
    return events.filter((pending) => !isRefused(pending));
  }

  /** Waits before the next try. False when the ledger is closed. */
  private async mayRetry(error: unknown, attempt: number, events: PendingEvent[]): Promise<boolean> {
    const { parts, tenantId } = this;
    if (parts.signal.aborted || events.length === 0) return false;
    parts.retried(tenantId, attempt + 1, error);
    const isConflict = error instanceof AppendConflict;
    const isRefusal = error instanceof AppendRefusal;
    const isUndecided = isRefusal && !this.refusedEvents.isOutage;
    const isShort = isUndecided || (isConflict && !this.standstill.conflict(this.triedBehind));
    const isSoon = isShort && !(isRefusal && this.refusedEvents.isLasting);
    this.isHeldUp = isOfOneChain(error);
    if (isConflict) this.lease.contended();
    const isAwaited = events.some(({ source }) => SOURCE_POLICIES[source].keepsProcessAlive);
    const isClosed = parts.store.isClosed();
    // No alarm for the ledger's own events after the application has disconnected.
    if (!isShort && (isAwaited || !isClosed))
      parts.alarm.raise(this.reporter, isConflict ? error.cause : error);
    const wait = delay(isSoon ? CONTENTION : OUTAGE, attempt, parts.random());
    try {
      // An application that has no connection any more, or never had one, is not kept from its end.
      await pause(wait, parts.signal, isAwaited && !isClosed);
      return true;
    } catch {
      return false; // aborted: the ledger was closed
    }
  }
}

/** Codes of errors that stand until somebody changes the collection. */
const OF_THE_COLLECTION: ReadonlySet<AuditErrorCode> = new Set([
  'FOREIGN_COLLECTION',
  'UNSUITABLE_COLLECTION',
]);

/** The part of an entry that the next one needs: heads of many tenants are cached. */
function toHead({ seq, hash, recordedAt }: Entry): Head {
  return { seq, hash, recordedAt };
}
