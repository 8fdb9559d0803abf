import { AuditError, type EventName, isAuditError } from '../errors';
import { serializeDraft } from '../event/draft-json';
import { newId } from '../event/id';
import type { DraftedEvent } from '../event/drafter';
import { clearTimeout, setImmediate, setTimeout } from '../real-timers';
import type { OutboxStore, OutboxWrite, Session, StoredItem } from '../store/store';
import { quote } from '../util/quote';
import { type Alarm, OUTBOX } from './alarm';
import { Breather } from './breather';
import { readItem } from './outbox-item';
import { type InOrder, OutboxOrder } from './outbox-order';
import type { Caller } from './pending-event';

/** What a caller gets for an event in a transaction: its place in the chain is known after the commit. */
export interface PendingReceipt {
  id: string;
  tenantId: string;
  seq: null;
  hash: null;
  recordedAt: null;
}

/** The event of one changed document, to be written in the transaction that has changed it. */
export interface Stash {
  /** Names the document. */
  subject: string;
  /** Null when the transaction has undone all that it had changed of the document. */
  drafted: DraftedEvent | null;
  /** The item that the transaction has written for an earlier change of the document, if it has. */
  replaces?: string | undefined;
  /** Items of the same document that others have committed before. */
  follows: readonly string[];
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
  /** Waits for capacity, then enqueues an event. False when the ledger is closed, or the event's chain is held up. */
  enqueue(drafted: DraftedEvent, caller: Caller): Promise<boolean>;
  /** An event of the outbox can never be recorded. */
  failed(error: AuditError, event?: EventName): void;
  alarm: Alarm;
  clock: { now(): number; random(): number };
}

/** The longest time between two sweeps, in milliseconds; the shortest is half of it. Random, so that processes do not sweep at once. */
const SWEEP = 2_000;

/** After a sweep the next one waits so many times as long as it took, so that a long outbox takes a part of the time alone. */
const REST = 3;

/** A sweep skips events younger than this, in milliseconds: the process that wrote them records them. */
const GRACE = 2_000;

/** Events that are read at a time. */
const PAGE = 500;

/** How long an event waits at first, and at most, for what another process has to link before it, in milliseconds. */
const FIRST_WAIT = 5;
const LONGEST_WAIT = 250;
/** How often it looks meanwhile: then a sweep does. */
const LOOKS = 100;
/** Items that a sweep tells of by themselves; of more it gives their number. */
const TOLD = 20;

/** A committed item that waits for its turn to enter the queue. */
interface Waiting extends InOrder {
  key: string;
  drafted: DraftedEvent;
}

/** An item that can never be recorded, and why. */
interface RefusedItem {
  item: StoredItem;
  error: AuditError;
}

/** What one sweep has come upon. */
interface Sweep {
  refused: RefusedItem[];
  /** Tenants of which it has left an item: it takes none behind that, though their chains may be freed meanwhile. */
  passedOver: Set<string>;
}

/** Transactional outbox: events written in callers' transactions enter the chain after the commit. */
export class Outbox {
  /** Keys of the items that this process has enqueued. */
  private readonly enqueued = new Set<string>();
  /** Those of them that are in the queue, where nothing overtakes them. */
  private readonly handedOver = new Set<string>();
  /** Keys of the items that can be removed. */
  private removable: string[] = [];
  /** Committed events that are not in the queue yet. */
  private readonly inTurn = new Set<Promise<void>>();
  /** Items that can never be recorded and could not be marked yet, by key: told of once. */
  private readonly unmarked = new Map<string, unknown>();
  /** Removals run one after another: the end of the last is the end of all. */
  private removing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | null = null;
  private stopped = false;
  private lastStats: OutboxStats = { size: 0, lagMs: 0 };

  private readonly order: OutboxOrder;

  constructor(private readonly parts: OutboxParts) {
    this.order = new OutboxOrder(parts.store, (key) => this.handedOver.has(key));
  }

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

  /**
   * Writes the events of changed documents in the session's transaction, which must be one of the ledger's own database. After
   * the commit the events of one document are linked in the order in which the database applied its changes.
   */
  async addAll(stashes: readonly Stash[], session: Session): Promise<void> {
    const at = this.parts.clock.now();
    const waiting = new Map<string, Waiting>();
    const writes = stashes.flatMap(({ subject, drafted, replaces, follows }): OutboxWrite[] => {
      if (!drafted) return replaces === undefined ? [] : [{ key: replaces, text: null }];
      const key = replaces ?? newId();
      waiting.set(key, { key, follows, tenantId: drafted.draft.tenantId, drafted });
      const text = serializeDraft(drafted);
      return [{ key, at, text, subject, follows, isReplacement: replaces !== undefined }];
    });
    const committed = (keys: readonly string[]) => {
      const left = keys.flatMap((key) => waiting.get(key) ?? []);
      const turn = this.enqueueInTurn(left).finally(() => this.inTurn.delete(turn));
      this.inTurn.add(turn);
    };
    if (writes.length > 0) await this.parts.store.writeToOutbox(writes, session, committed);
  }

  /** Resolves when all that was committed so far is in the queue, or left to a sweep. */
  async handingOver(): Promise<void> {
    await Promise.all(this.inTurn);
  }

  /** Enqueues each when what comes before it is linked, or in the queue of this process. */
  private async enqueueInTurn(group: readonly Waiting[]): Promise<void> {
    try {
      let left = group;
      for (let looks = 1, wait = FIRST_WAIT; ; looks++) {
        const inTurn = new Set(await this.order.inTurn(left));
        for (const { key, drafted } of inTurn) if (!this.enqueued.has(key)) await this.enqueue(key, drafted);
        left = left.filter((one) => !inTurn.has(one));
        if (left.length === 0 || this.stopped || looks === LOOKS) return; // the next process links it, or a sweep
        await new Promise<void>((resolve) => void setTimeout(resolve, wait).unref());
        wait = Math.min(2 * wait, LONGEST_WAIT);
      }
    } catch (error) {
      // A sweep finds it.
      if (!this.parts.store.isClosed()) this.parts.alarm.raise(OUTBOX, error);
    }
  }

  /** Sweeps now and periodically: enqueues the items that other processes left. */
  start(): void {
    const from = performance.now();
    void this.sweep().finally(() => {
      if (this.stopped) return;
      const rest = REST * (performance.now() - from);
      const wait = Math.max(rest, SWEEP * (0.5 + this.parts.clock.random() / 2));
      this.timer = setTimeout(() => this.start(), wait).unref();
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
    const sweep: Sweep = { refused: [], passedOver: new Set() };
    try {
      for (let skip = 0, more = true; more && this.maySweep();) {
        const items = await store.readOutbox(PAGE, skip);
        if (skip === 0) await this.updateStats(items);
        await this.enqueueDue(items, sweep);
        skip += items.length;
        more = items.length > 0; // the oldest items may be blocked for long, and a page ends early where they are large
      }
      await this.remove();
      await this.markAgain();
      await this.refuse(sweep.refused);
      alarm.clear(OUTBOX);
    } catch (error) {
      if (!this.stopped && !store.isClosed()) alarm.raise(OUTBOX, error);
    }
  }

  /** Only while the application is connected. */
  private maySweep(): boolean {
    return !this.stopped && this.parts.store.isOpen();
  }

  private async updateStats(items: readonly StoredItem[]): Promise<void> {
    const { store, clock } = this.parts;
    const size = items.length < PAGE ? items.length : await store.countOutbox();
    const [oldest] = items;
    this.lastStats = { size, lagMs: oldest ? Math.max(0, clock.now() - oldest.at) : 0 };
  }

  private async enqueueDue(items: readonly StoredItem[], sweep: Sweep): Promise<void> {
    const now = this.parts.clock.now();
    // Absolute age: an item from the future of a wrong clock must not wait for ever.
    const due = items.filter(({ key, at }) => Math.abs(now - at) >= GRACE && !this.enqueued.has(key));
    const breather = new Breather();
    for (const item of due) {
      await this.enqueueItem(item, sweep);
      await breather.breathe();
    }
  }

  private async enqueueItem(item: StoredItem, { refused, passedOver }: Sweep): Promise<void> {
    try {
      const drafted = readItem(item);
      const { tenantId } = drafted.draft;
      if (passedOver.has(tenantId)) return;
      const isTurn = await this.order.isTurnAtLast(item, tenantId);
      if (isTurn && !(await this.enqueue(item.key, drafted))) passedOver.add(tenantId);
    } catch (error) {
      if (!isAuditError(error)) throw error;
      refused.push({ item, error });
    }
  }

  /** What can never be recorded stays, for an operator to inspect. The process that marks it tells of it, once for all. */
  private async refuse(refused: readonly RefusedItem[]): Promise<void> {
    const unknown = refused.filter(({ item }) => !this.unmarked.has(item.key));
    for (const { item, error } of unknown.slice(0, TOLD))
      if ((await this.mark([item])) > 0)
        this.tellRefused(
          `The item ${quote(item.key)} of the outbox cannot be linked, and stays there`,
          error,
        );
    let more = 0;
    for (let at = TOLD; at < unknown.length; at += PAGE)
      more += await this.mark(unknown.slice(at, at + PAGE).map(({ item }) => item));
    if (more > 0)
      this.tellRefused(
        `${more} more items of the outbox cannot be linked, and stay there`,
        unknown[TOLD]?.error,
      );
  }

  /** How many of the items no other process has marked: it tells of those. */
  private async mark(items: readonly Pick<StoredItem, 'id' | 'key'>[]): Promise<number> {
    try {
      return await this.parts.store.refuseInOutbox(items.map(({ id, key }) => id ?? key));
    } catch {
      for (const { id, key } of items) this.unmarked.set(key, id ?? key); // each process tells of it
      return items.length;
    }
  }

  /** What could not be marked before: the database was away, or the role may not. */
  private async markAgain(): Promise<void> {
    if (this.unmarked.size === 0) return;
    const ids = [...this.unmarked.values()];
    const isMarked = await this.parts.store.refuseInOutbox(ids).then(
      () => true,
      () => false,
    );
    if (!isMarked) return;
    for (const key of this.unmarked.keys()) this.forget(key);
    this.unmarked.clear();
  }

  private tellRefused(what: string, cause: AuditError | undefined): void {
    const message = cause?.message ?? '';
    this.parts.failed(new AuditError(cause?.code ?? 'UNREADABLE', `${what}: ${message}`, { cause }));
  }

  /** False of what stays where it is. */
  private async enqueue(key: string, drafted: DraftedEvent): Promise<boolean> {
    this.enqueued.add(key);
    const isEnqueued = await this.parts.enqueue(drafted, {
      recorded: () => this.removeLater(key),
      failed: (error) => this.failed(key, drafted, error),
    });
    if (!isEnqueued) this.enqueued.delete(key);
    else if (this.enqueued.has(key)) this.handedOver.add(key);
    return isEnqueued;
  }

  private failed(key: string, drafted: DraftedEvent, error: AuditError): void {
    if (error.code === 'CLOSED') return this.forget(key); // the next process records it
    const { tenantId, id } = drafted.draft;
    if (error.code === 'EVENT_REFUSED') {
      this.removing = this.removing.then(() => this.setAside(key, { tenantId, id }, error));
      return;
    }
    this.parts.failed(error, { tenantId, id });
    this.removeLater(key);
  }

  /**
   * What the database does not take stays: its caller has committed, and an operator may have it taken. It is marked, so that no
   * process tries it again, and nothing waits behind it.
   */
  private async setAside(key: string, event: EventName, error: AuditError): Promise<void> {
    if ((await this.mark([{ key }])) > 0) this.parts.failed(error, event);
    if (!this.unmarked.has(key)) this.forget(key);
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
    for (const key of keys) this.forget(key);
  }

  private forget(key: string): void {
    this.enqueued.delete(key);
    this.handedOver.delete(key);
  }
}
