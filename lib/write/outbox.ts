import { Complaints, isObject } from '../util/complaints';
import { AuditError, type EventName, isAuditError } from '../errors';
import { serializeDraft, parseDraft } from '../event/draft-json';
import { newId } from '../event/id';
import type { DraftedEvent } from '../event/drafter';
import { clearTimeout, setImmediate, setTimeout } from '../real-timers';
import type { OutboxItem, OutboxStore, Session } from '../store/store';
import { quote } from '../util/quote';
import { type Alarm, OUTBOX } from './alarm';
import type { Caller } from './pending-event';

/** How an event is recorded. */
export interface EventOptions {
  /** A Mongoose session: the event is part of its transaction. */
  session?: Session | undefined;
}

/** What a caller gets for an event in a transaction: its place in the chain is known after the commit. */
export interface PendingReceipt {
  id: string;
  tenantId: string;
  seq: null;
  hash: null;
  recordedAt: null;
}

/** Numbers for a health endpoint, as of the last sweep. */
export interface OutboxStats {
  /** Committed events that are not in the chain yet. */
  size: number;
  /** Milliseconds since the oldest of them was written. */
  lagMs: number;
}

/** What an outbox works with. */
export interface OutboxParts {
  store: OutboxStore;
  /** Waits for capacity, then enqueues an event. False when the ledger is closed. */
  enqueue(drafted: DraftedEvent, caller: Caller): Promise<boolean>;
  /** An event of the outbox can never be recorded. */
  failed(error: AuditError, event?: EventName): void;
  alarm: Alarm;
  clock: { now(): number; random(): number };
}

/** The longest time between two sweeps, in milliseconds; the shortest is half of it. Random, so that processes do not sweep at once. */
const SWEEP = 2_000;

/** A sweep skips events younger than this, in milliseconds: the process that wrote them records them. */
const GRACE = 2_000;

/** Events that are read at a time. */
const PAGE = 500;

/** Transactional outbox: events written in callers' transactions enter the chain after the commit. */
export class Outbox {
  /** Keys of the items that this process has enqueued, or that can never be recorded. */
  private readonly enqueued = new Set<string>();
  /** Keys of the items that can be removed. */
  private removable: string[] = [];
  /** Removals run one after another: the end of the last is the end of all. */
  private removing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;
  private lastStats: OutboxStats = { size: 0, lagMs: 0 };

  constructor(private readonly parts: OutboxParts) {}

  /**
   * Writes events in the session's transaction. They are enqueued after the commit, in order; without a transaction, at once.
   * @param ready is awaited first
   *
   * Errors of the database are not wrapped: their labels say whether the transaction may be tried again.
   */
  async add(drafted: readonly DraftedEvent[], session: Session, ready: Promise<void>): Promise<void> {
    const at = this.parts.clock.now();
    const items = drafted.map((each) => ({ key: newId(), at, text: serializeDraft(each) }));
    const committed = async () => {
      // Noted first: a sweep must not take for another's what waits here for its turn.
      for (const { key } of items) this.enqueued.add(key);
      for (const [i, { key }] of items.entries()) await this.enqueue(key, drafted[i] as DraftedEvent);
    };
    await this.parts.store.addToOutbox(items, session, ready, () => void committed());
  }

  /** Sweeps now and periodically: enqueues the items that other processes left. */
  start(): void {
    void this.sweep().finally(() => {
      if (this.stopped) return;
      this.timer = setTimeout(() => this.start(), SWEEP * (0.5 + this.parts.clock.random() / 2)).unref();
    });
  }

  stop(): void {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
  }

  stats(): OutboxStats {
    return this.lastStats;
  }

  private async sweep(): Promise<void> {
    const { store, alarm } = this.parts;
    if (!this.maySweep()) return;
    try {
      for (let skip = 0, more = true; more && this.maySweep(); skip += PAGE) {
        const items = await store.readOutbox(PAGE, skip);
        if (skip === 0) await this.updateStats(items);
        await this.enqueueDue(items);
        more = items.length === PAGE; // the oldest items may be blocked for long
      }
      await this.remove();
      alarm.clear(OUTBOX);
    } catch (error) {
      if (!this.stopped && !store.isClosed()) alarm.raise(OUTBOX, error);
    }
  }

  /** Only while the application is connected. */
  private maySweep(): boolean {
    return !this.stopped && this.parts.store.isOpen();
  }

  private async updateStats(items: OutboxItem[]): Promise<void> {
    const { store, clock } = this.parts;
    const size = items.length < PAGE ? items.length : await store.countOutbox();
    const [oldest] = items;
    this.lastStats = { size, lagMs: oldest ? Math.max(0, clock.now() - oldest.at) : 0 };
  }

  private async enqueueDue(items: OutboxItem[]): Promise<void> {
    const now = this.parts.clock.now();
    // Absolute age: an item from the future of a wrong clock must not wait for ever.
    const due = items.filter(({ key, at }) => Math.abs(now - at) >= GRACE && !this.enqueued.has(key));
    for (const item of due) await this.enqueueItem(item);
  }

  private async enqueueItem({ key, text }: OutboxItem): Promise<void> {
    try {
      await this.enqueue(key, parseDraft(text));
    } catch (error) {
      if (!isAuditError(error)) throw error;
      this.enqueued.add(key); // reported once; the item stays for an operator to inspect
      const what = `The item ${quote(key)} of the outbox cannot be linked, and stays there: ${error.message}`;
      this.parts.failed(new AuditError(error.code, what, { cause: error }));
    }
  }

  private async enqueue(key: string, drafted: DraftedEvent): Promise<void> {
    this.enqueued.add(key);
    const isEnqueued = await this.parts.enqueue(drafted, {
      recorded: () => this.removeLater(key),
      failed: (error) => this.failed(key, drafted, error),
    });
    if (!isEnqueued) this.enqueued.delete(key);
  }

  private failed(key: string, drafted: DraftedEvent, error: AuditError): void {
    if (error.code === 'CLOSED') return void this.enqueued.delete(key); // the next process records it
    const { tenantId, id } = drafted.draft;
    this.parts.failed(error, { tenantId, id });
    // What the database does not take stays: its caller has committed, and an operator may have it taken.
    if (error.code !== 'EVENT_REFUSED') this.removeLater(key);
  }

  private removeLater(key: string): void {
    if (this.removable.push(key) === 1) setImmediate(() => void this.remove());
  }

  /** Removes the recorded items: without it the next process would find them again. */
  remove(): Promise<void> {
    return (this.removing = this.removing.then(() => this.removeRecorded()));
  }

  private async removeRecorded(): Promise<void> {
    const keys = this.removable;
    if (keys.length === 0) return;
    this.removable = [];
    try {
      await this.parts.store.removeFromOutbox(keys);
    } catch (error) {
      // A sweep finds them again, and their ids are known.
      if (!this.parts.store.isClosed()) this.parts.alarm.raise(OUTBOX, error);
    }
    for (const key of keys) this.enqueued.delete(key);
  }
}

/** Whether the options of an event name no session. */
export function hasNoSession(options: unknown): boolean {
  return isObject(options) && Object.values(options).every((value) => value === undefined);
}

/**
 * The session in the options of an event, from Mongoose or a driver. Bad options are an error: an event that its caller
 * believes to be in a transaction must not be recorded outside of it.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function sessionIn(options: unknown): Session {
  const complaints = new Complaints();
  if (!isObject(options) || isSession(options))
    complaints.add('options', 'an object such as { session }', options);
  else complaints.unknownFields(options, ['session']);
  const session = isObject(options) ? options['session'] : undefined;
  if (complaints.isEmpty && !isSession(session))
    complaints.add('session', 'a Mongoose session, which mongoose.startSession() resolves to', session);
  complaints.assertNone('INVALID_OPTIONS', 'The event was not recorded');
  return session as Session;
}

function isSession(value: unknown): boolean {
  return typeof (value as Partial<Session> | null | undefined)?.inTransaction === 'function';
}
