import type { Reading } from '../chain/chain-check';
import { documentId, type Entry, entryHash, type Receipt, toReceipt } from '../chain/entry';
import { GENESIS, type Head, link } from '../chain/link';
import { AuditError, isAuditError } from '../errors';
import { quote } from '../util/quote';
import { isoText } from '../event/instant';
import { setImmediate } from '../real-timers';
import { AppendConflict, type Store } from '../store/store';
import type { Alarm, AlarmReporter } from './alarm';
import { CONTENTION, delay, OUTAGE, pause } from './backoff';
import { Gathering } from './gathering';
import { type PendingEvent, storedReceipt } from './pending-event';
import { SOURCE_POLICIES } from './source-policy';
import type { WriteLease } from './write-lease';
import { sha256 } from '../crypto/node';

/** What all committers of a process share. */
export interface CommitterParts {
  store: Store;
  /** Runs `work` when fewer than the maximum of inserts are running. */
  limitInserts<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when the store may be written. */
  ready(): Promise<void>;
  /** Called for each try that failed and will be repeated; `attempt` counts from 1. */
  retried(tenantId: string, attempt: number, error: unknown): void;
  alarm: Alarm;
  recorded(pending: PendingEvent, receipt: Receipt): void;
  failed(pending: PendingEvent, error: AuditError): void;
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

/** An alarm is raised when the previous entry is further in the future than this, in milliseconds. */
const CLOCK_TOLERANCE = 60_000;

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
  private readonly reporter: AlarmReporter;

  constructor(
    private readonly tenantId: string,
    private readonly parts: CommitterParts,
    /** The end of the chain as last known; null when it must be read. */
    private head: Head | null,
    private readonly lease: WriteLease,
    /** Called when the queue is empty. */
    private readonly idle: (head: Head | null) => void,
  ) {
    this.reporter = { kind: 'tenant', tenantId };
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
    while ((this.ahead || this.queue.length > 0) && !this.parts.signal.aborted) {
      if (!this.ahead) await this.gathering.wait();
      const next = this.ahead ?? this.nextInsert();
      this.ahead = null;
      if (this.queue.length > 0) this.gathering.end();
      await this.commit(next);
      this.inFlight = 0;
    }
    this.running = false;
    this.idle(this.head);
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
    this.inFlight = insert.events.filter(({ source }) => SOURCE_POLICIES[source].isCounted).length;
    for (let attempt = 0; remaining.events.length > 0; attempt++) {
      try {
        if (await this.lease.acquire()) this.head = null;
        await this.parts.limitInserts(async () => {
          if (attempt > 0) remaining = { events: await this.withoutStored(remaining.events) };
          await this.append(remaining);
        });
        return;
      } catch (error) {
        if (!(await this.mayRetry(error, attempt, remaining.events))) return;
      } finally {
        this.lease.written();
      }
    }
  }

  private async append({ events, linked }: Insert): Promise<void> {
    if (events.length === 0) return;
    await this.parts.ready();
    const head = (this.head ??= await this.readHead());
    const entries = linked?.after === head ? linked.entries : this.link(events, head);
    this.head = null; // unknown until the insert ends
    const end = toHead(entries.at(-1) as Entry);
    const stored = this.parts.store.append(entries);
    setImmediate(() => this.linkAhead(end));
    await stored;
    this.head = end;
    // After the next insert, if any, has started: the database must not wait for the callers.
    setImmediate(() => this.answer(events, entries));
  }

  private answer(events: PendingEvent[], entries: Entry[]): void {
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
      this.parts.recorded(pending, storedReceipt(pending.drafted, reading));
    } catch (error) {
      this.parts.failed(pending, error as AuditError);
    }
  }

  /** Reads the head from the store. An altered entry must be reported, not extended. */
  private async readHead(): Promise<Head> {
    const reading = await this.parts.store.head(this.tenantId);
    if (!reading) return GENESIS;
    const { entry, fault } = reading;
    if (!entry || entryHash(entry, sha256) !== entry.hash) {
      const why = fault?.message ?? 'its content does not give its hash';
      const what = `The newest entry of the tenant ${quote(this.tenantId)} was altered: ${why}`;
      throw new AuditError(
        'HEAD_ALTERED',
        `${what}. Its events wait until the entry is as it was: run verify.`,
      );
    }
    this.checkClock(entry);
    return toHead(entry);
  }

  private checkClock({ seq, recordedAt }: Entry): void {
    const ahead = Date.parse(recordedAt) - this.parts.now();
    if (ahead <= CLOCK_TOLERANCE) return;
    const what = `Entry ${seq} of the tenant ${quote(this.tenantId)} was recorded ${Math.round(ahead / 1000)} s in the future`;
    this.parts.alarm.reportClock(
      this.tenantId,
      new AuditError('CLOCK_AHEAD', `${what}: compare the clocks of the machines that write.`),
    );
  }

  /** Waits before the next try. False when the ledger is closed. */
  private async mayRetry(error: unknown, attempt: number, events: PendingEvent[]): Promise<boolean> {
    const { parts, tenantId } = this;
    if (parts.signal.aborted) return false;
    parts.retried(tenantId, attempt + 1, error);
    const contended = error instanceof AppendConflict;
    if (contended) this.lease.contended();
    const keepsAlive = events.some(({ source }) => SOURCE_POLICIES[source].keepsProcessAlive);
    // No alarm for the ledger's own events after the application has disconnected.
    const disconnected = isAuditError(error) && error.code === 'STORE_UNAVAILABLE';
    if (!contended && (keepsAlive || !disconnected)) parts.alarm.raise(this.reporter, error);
    try {
      await pause(delay(contended ? CONTENTION : OUTAGE, attempt, parts.random()), parts.signal, keepsAlive);
      return true;
    } catch {
      return false; // aborted: the ledger was closed
    }
  }
}

/** The part of an entry that the next one needs: heads of many tenants are cached. */
function toHead({ seq, hash, recordedAt }: Entry): Head {
  return { seq, hash, recordedAt };
}
