import { Complaints, isObject } from '../util/complaints';
import { AuditError, type EventName, isAuditError } from '../errors';
import { serializeDraft, parseDraft } from '../event/draft-json';
import { newId } from '../event/id';
import type { DraftedEvent } from '../event/drafter';
import type { OutboxItem, OutboxStore, Session } from '../store/store';
import { quote } from '../util/quote';
import { type Alarm, OUTBOX } from './alarm';
import type { Caller } from './pending';

/** What of the outbox a health endpoint shows, as of the last look at it. */
export interface OutboxStats {
  /** Committed events that are not linked yet. */
  size: number;
  /** Milliseconds since the oldest of them was written. */
  lagMs: number;
}

/** What an outbox works with. */
export interface OutboxParts {
  store: OutboxStore;
  /** Queues an event, once there is room; false when the ledger is closed. */
  accept(drafted: DraftedEvent, caller: Caller): Promise<boolean>;
  /** An event that is in the outbox can never be linked. */
  failed(error: AuditError, event?: EventName): void;
  alarm: Alarm;
  clock: { now(): number; random(): number };
}

/** How often an outbox is looked at, in milliseconds: half of it to all of it, so that processes do not march in step. */
const SWEEP = 2_000;

/** What is younger, in milliseconds, is left to the process that wrote it. */
const GRACE = 2_000;

/** Events that are read at a time. */
const PORTION = 500;

/** Events that were written in callers' transactions, and are linked once those are committed. */
export class Outbox {
  /** What this process links already. */
  private readonly underWay = new Set<string>();
  /** What is linked, and can be removed. */
  private done: string[] = [];
  /** One removal after another: who waits for the last has waited for all. */
  private removing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;
  private seen: OutboxStats = { size: 0, lagMs: 0 };

  constructor(private readonly parts: OutboxParts) {}

  /**
   * Writes an event in the session's transaction. It is linked once that is committed; without one, at once.
   * @param ready what to wait for first
   *
   * Errors of the database reach the caller as they are: their labels say whether the transaction may be tried again.
   */
  async add(drafted: DraftedEvent, session: Session, ready: Promise<void>): Promise<void> {
    const item = { key: newId(), at: this.parts.clock.now(), text: serializeDraft(drafted) };
    await this.parts.store.addToOutbox(item, session, ready, () => void this.link(item.key, drafted));
  }

  /** Looks for what other processes left, now and from time to time. */
  start(): void {
    void this.sweep().finally(() => {
      if (this.stopped) return;
      this.timer = setTimeout(() => this.start(), SWEEP * (0.5 + this.parts.clock.random() / 2)).unref();
    });
  }

  /** Looks no more. */
  stop(): void {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
  }

  stats(): OutboxStats {
    return this.seen;
  }

  private async sweep(): Promise<void> {
    const { store, alarm } = this.parts;
    if (!this.mayLook()) return;
    try {
      for (let passed = 0, more = true; more && this.mayLook(); passed += PORTION) {
        const items = await store.readOutbox(PORTION, passed);
        if (passed === 0) await this.see(items);
        await this.takeDue(items);
        more = items.length === PORTION; // the first may be stuck for long
      }
      await this.remove();
      alarm.clear(OUTBOX);
    } catch (error) {
      // An error of our own says that the application has closed the connection.
      if (!this.stopped && !isAuditError(error)) alarm.raise(OUTBOX, error);
    }
  }

  /** Not before the application has connected, nor once it has ended that. */
  private mayLook(): boolean {
    return !this.stopped && this.parts.store.isOpen();
  }

  private async see(items: OutboxItem[]): Promise<void> {
    const { store, clock } = this.parts;
    const size = items.length < PORTION ? items.length : await store.countOutbox();
    const [oldest] = items;
    this.seen = { size, lagMs: oldest ? Math.max(0, clock.now() - oldest.at) : 0 };
  }

  private async takeDue(items: OutboxItem[]): Promise<void> {
    const now = this.parts.clock.now();
    // A clock that is ahead of ours must not keep its events from being linked.
    const due = items.filter(({ key, at }) => Math.abs(now - at) >= GRACE && !this.underWay.has(key));
    for (const item of due) await this.take(item);
  }

  private async take({ key, text }: OutboxItem): Promise<void> {
    try {
      await this.link(key, parseDraft(text));
    } catch (error) {
      if (!isAuditError(error)) throw error;
      this.underWay.add(key); // stays where it is, for people to look at, and is told of once
      const what = `The item ${quote(key)} of the outbox cannot be linked, and stays there: ${error.message}`;
      this.parts.failed(new AuditError(error.code, what, { cause: error }));
    }
  }

  private async link(key: string, drafted: DraftedEvent): Promise<void> {
    this.underWay.add(key);
    const accepted = await this.parts.accept(drafted, {
      recorded: () => this.settled(key),
      failed: (error) => this.failed(key, drafted, error),
    });
    if (!accepted) this.underWay.delete(key);
  }

  private failed(key: string, drafted: DraftedEvent, error: AuditError): void {
    if (error.code === 'CLOSED') return void this.underWay.delete(key); // the next process's
    const { tenantId, id } = drafted.draft;
    this.parts.failed(error, { tenantId, id });
    this.settled(key);
  }

  private settled(key: string): void {
    if (this.done.push(key) === 1) setImmediate(() => void this.remove());
  }

  /** Removes what is linked, so that the next process need not find that out. */
  remove(): Promise<void> {
    return (this.removing = this.removing.then(() => this.removeDone()));
  }

  private async removeDone(): Promise<void> {
    const keys = this.done;
    if (keys.length === 0) return;
    this.done = [];
    try {
      await this.parts.store.removeFromOutbox(keys);
    } catch (error) {
      this.parts.alarm.raise(OUTBOX, error); // found again by a sweep, and known by their ids
    }
    for (const key of keys) this.underWay.delete(key);
  }
}

/** Whether the options of an event name none: then it is part of no transaction. */
export function hasNoSession(options: unknown): boolean {
  return isObject(options) && Object.values(options).every((value) => value === undefined);
}

/**
 * The session in the options of an event: Mongoose's or a driver's, by what it can do. An event that its caller believes
 * to be in a transaction must not be recorded outside of it.
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
