import type { Reading } from '../chain/chain-check';
import { documentId, type Entry, entryHash, type Receipt, toReceipt } from '../chain/entry';
import { GENESIS, type Head, link } from '../chain/link';
import { AuditError, isAuditError } from '../errors';
import { quote } from '../util/quote';
import { isoText } from '../event/instant';
import { AppendConflict, type Store } from '../store/store';
import type { Alarm } from './alarm';
import { CONTENTION, delay, OUTAGE, pause } from './backoff';
import { Gathering } from './gathering';
import { type Pending, storedReceipt } from './pending';
import type { WriteLease } from './write-lease';
import { sha256 } from '../crypto/node';

/** What all committers of a process share. */
export interface CommitterParts {
  store: Store;
  /** Lets a bounded number of tenants work with the store at a time. */
  limitInserts<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves once the store may be written to. */
  ready(): Promise<void>;
  /** Told of each try that did not succeed and will be made again; `attempt` counts from 1. */
  retried(tenantId: string, attempt: number, error: unknown): void;
  alarm: Alarm;
  recorded(pending: Pending, receipt: Receipt): void;
  failed(pending: Pending, error: AuditError): void;
  /** The clock, in milliseconds since 1970. */
  now: () => number;
  /** From [0, 1). */
  random: () => number;
  /** Entries in one insert. */
  batch: number;
  /** Ends the waits between tries; what is then not recorded is rejected. */
  signal: AbortSignal;
}

/** Events of one insert, and their entries if they are linked already: good while the chain ends at `after`. */
interface Insert {
  events: Pending[];
  linked?: { after: Head; entries: Entry[] };
}

/** Bytes in one insert: well below what one MongoDB message holds. */
const BATCH_BYTES = 8 * 1024 * 1024;

/** A predecessor further in the future than this, in milliseconds, is worth an alarm. */
const CLOCK_TOLERANCE = 60_000;

/**
 * Writes one tenant's chain. All that waits when an insert ends makes up the next insert: no timers, no added latency
 * at low load, full batches at high load. When another process was faster the unique index refuses ours, and what is
 * not in is numbered anew.
 */
export class Committer {
  private queue: Pending[] = [];
  private running = false;
  private readonly gathering = new Gathering();
  /** The next batch, where it was linked ahead of its turn. */
  private ahead: Insert | null = null;
  /** Callers' events in the insert that is under way. */
  inFlight = 0;

  constructor(
    private readonly tenantId: string,
    private readonly parts: CommitterParts,
    /** The end of the chain as this process last saw it. */
    private head: Head | null,
    private readonly lease: WriteLease,
    /** Called when nothing waits any more. */
    private readonly idle: (head: Head | null) => void,
  ) {}

  /** Events that are not recorded yet. */
  get waiting(): number {
    return this.queue.length + (this.ahead?.events.length ?? 0) + this.inFlight;
  }

  push(pending: Pending): void {
    this.queue.push(pending);
    if (this.queue.length >= this.parts.batch) this.endGathering();
    if (this.running) return;
    this.running = true;
    // A microtask later: all that the caller records in one go is one batch.
    queueMicrotask(() => void this.run());
  }

  /** Somebody waits for an event that is queued. */
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

  /** The next batch. It ends before an id that it already has: that event then finds the first one stored. */
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

  private async commit(batch: Insert): Promise<void> {
    let left = batch;
    this.inFlight = batch.events.filter(({ bytes }) => bytes > 0).length;
    for (let attempt = 0; left.events.length > 0; attempt++) {
      try {
        if (await this.lease.acquire()) this.head = null;
        await this.parts.limitInserts(async () => {
          if (attempt > 0) left = { events: await this.withoutStored(left.events) };
          await this.append(left);
        });
        return;
      } catch (error) {
        if (!(await this.mayRetry(error, attempt, left.events))) return;
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
    this.head = null; // until it is known what of this is stored
    const end = toHead(entries.at(-1) as Entry);
    const stored = this.parts.store.append(entries);
    setImmediate(() => this.linkAhead(end));
    await stored;
    this.head = end;
    // Once the next insert, if there is one, is on its way: the database must not wait for our callers.
    setImmediate(() => this.answer(events, entries));
  }

  private answer(events: Pending[], entries: Entry[]): void {
    this.parts.alarm.clear(this.tenantId);
    events.forEach((pending, i) => this.parts.recorded(pending, toReceipt(entries[i] as Entry)));
  }

  private link(events: Pending[], head: Head): Entry[] {
    const now = isoText(this.parts.now());
    const entries: Entry[] = [];
    for (const { drafted } of events) entries.push(link(drafted.draft, entries.at(-1) ?? head, now, sha256));
    return entries;
  }

  /** While the database works on one insert, hashes the next where that is full already. */
  private linkAhead(after: Head): void {
    if (this.ahead || this.queue.length < this.parts.batch) return;
    const { events } = this.nextInsert();
    this.ahead = { events, linked: { after, entries: this.link(events, after) } };
  }

  /** Answers those of a refused batch that are stored, by this or an earlier try, and gives the others. */
  private async withoutStored(batch: Pending[]): Promise<Pending[]> {
    const ids = batch.map(({ drafted }) => drafted.draft.id);
    const readings = await this.parts.store.find(this.tenantId, ids);
    const stored = new Map(readings.map((reading) => [reading.documentId, reading]));
    return batch.filter((pending) => {
      const reading = stored.get(documentId(this.tenantId, pending.drafted.draft.id));
      if (reading) this.answerStored(pending, reading);
      return !reading;
    });
  }

  private answerStored(pending: Pending, reading: Reading): void {
    try {
      this.parts.recorded(pending, storedReceipt(pending.drafted, reading));
    } catch (error) {
      this.parts.failed(pending, error as AuditError);
    }
  }

  /** The head from the store. An intruder's entry must be noticed, not extended. */
  private async readHead(): Promise<Head> {
    const reading = await this.parts.store.head(this.tenantId);
    if (!reading) return GENESIS;
    const { entry, fault } = reading;
    if (!entry || entryHash(entry, sha256) !== entry.hash) {
      const why = fault?.message ?? 'its content does not give its hash';
      const what = `The newest entry of the tenant ${quote(this.tenantId)} was altered: ${why}`;
      throw new AuditError(
        'UNREADABLE',
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
    this.parts.alarm.sound(
      this.tenantId,
      new AuditError('UNREADABLE', `${what}: compare the clocks of the machines that write.`),
    );
  }

  /** Waits before the next try; false when nobody waits for it any more. */
  private async mayRetry(error: unknown, attempt: number, events: Pending[]): Promise<boolean> {
    const { parts, tenantId } = this;
    if (parts.signal.aborted) return false;
    parts.retried(tenantId, attempt + 1, error);
    const contended = error instanceof AppendConflict;
    if (contended) this.lease.contended();
    // The ledger's own events keep no process alive, and once the application has disconnected nobody misses them.
    const ref = events.some(({ bytes }) => bytes > 0);
    const disconnected = isAuditError(error) && error.code === 'STORE_UNAVAILABLE';
    if (!contended && (ref || !disconnected)) parts.alarm.raise(tenantId, error);
    try {
      await pause(delay(contended ? CONTENTION : OUTAGE, attempt, parts.random()), parts.signal, ref);
      return true;
    } catch {
      return false; // aborted: the ledger was closed
    }
  }
}

/** Of an entry, no more than its successor needs: heads of many tenants are remembered. */
function toHead({ seq, hash, recordedAt }: Entry): Head {
  return { seq, hash, recordedAt };
}
