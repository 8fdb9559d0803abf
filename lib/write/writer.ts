import type { WriteLimits } from './limits';
import { setMaxListeners } from 'node:events';
import type { Receipt } from '../chain/entry';
import type { Head } from '../chain/link';
import { AuditError, type EventName } from '../errors';
import { serializeDraft } from '../event/draft-json';
import type { DraftedEvent } from '../event/drafter';
import type { Signals } from './signals';
import type { Store } from '../store/store';
import { withTimeout } from '../util/timeout';
import type { Alarm, AlarmListener } from './alarm';
import { Committer, type CommitterParts } from './committer';
import { Flush } from './flush';
import type { Pending, Caller } from './pending';
import { Refusals } from './refusals';
import { WriteLease } from './write-lease';
import { Capacity } from './capacity';
import { DiskBacklog } from './disk-backlog';
import { eventLine } from './spool/spool-line';
import type { Place } from './spool/segment';
import type { Spool } from './spool/spool';
import { Semaphore } from './semaphore';

/** Numbers for a health endpoint. Events, but for `retries`: tries of an insert that had to be made again. */
export interface QueueStats {
  /** Accepted, and waiting in memory for an insert. */
  queued: number;
  /** In an insert that is under way. */
  inFlight: number;
  /** Waiting on disk alone, since the queue in memory was full. */
  spooled: number;
  recorded: number;
  retries: number;
  /** Accepted, but not recorded: their ids were taken, or the ledger was closed. */
  failed: number;
}

/** What a writer works with. */
export interface WriterParts {
  store: Store;
  signals: Signals;
  limits: WriteLimits;
  listener: AlarmListener;
  alarm: Alarm;
  /** Keeps accepted events until they are recorded; null without one. */
  spool: Spool | null;
  clock: Pick<CommitterParts, 'now' | 'random'>;
}

/** Tenants of which the end of the chain is remembered, so that the next event needs no read. */
const REMEMBERED_TENANTS = 10_000;

/** Inserts under way at a time: the connections are the application's. */
const INSERTS = 16;

/** How long a close waits for the ledger's own events, in milliseconds. */
const OWN_LIMIT = 5_000;

/** Takes drafts and sees them into their chains, each tenant's in the order in which they came. */
export class Writer {
  private readonly committers = new Map<string, Committer>();
  private readonly heads = new Map<string, Head>();
  /** Of tenants that other processes write, too. */
  private readonly leases = new Map<string, WriteLease>();
  /** All that was accepted and is neither recorded nor failed. */
  private readonly accepted = new Map<Caller, EventName>();
  /** The ledger's own, of which no caller knows. */
  private readonly own = new Map<Caller, EventName>();
  private readonly queued = new Set<Pending>();
  private readonly flushes = new Set<Flush>();
  private readonly capacity: Capacity;
  private readonly refusals: Refusals;
  private readonly backlog: DiskBacklog;
  private readonly parts: CommitterParts;
  private readonly closing = new AbortController();
  private prepared: Promise<void> | null = null;
  private closed = false;
  private readonly counts = { recorded: 0, retries: 0, failed: 0 };
  private readonly store: Store;
  private readonly signals: Signals;
  private readonly spool: Spool | null;

  constructor({ store, signals, limits, listener, alarm, spool, clock }: WriterParts) {
    this.store = store;
    this.signals = signals;
    this.spool = spool;
    this.capacity = new Capacity(limits.queueEvents, limits.queueBytes);
    this.refusals = new Refusals(limits, listener, clock.now);
    this.backlog = new DiskBacklog({
      enter: (drafted, caller, place) => this.enter(drafted, caller, place),
      released: () => this.capacity.released(),
      failed: (caller, place, error) => this.failed({ caller, place }, error),
    });
    const turns = new Semaphore(INSERTS);
    // In an outage each tenant's pause listens to it.
    setMaxListeners(0, this.closing.signal);
    this.parts = {
      ...clock,
      store,
      batch: limits.batch,
      alarm,
      signal: this.closing.signal,
      limitInserts: (work) => turns.run(work),
      ready: () => this.ready(),
      recorded: (pending, receipt) => this.recorded(pending, receipt),
      failed: (pending, error) => this.failed(pending, error),
      retried: (tenantId, attempt, error) => {
        this.counts.retries++;
        signals.retry(tenantId, attempt, error);
      },
    };
  }

  /**
   * Accepts a draft at once.
   * @throws AuditError `QUEUE_FULL`, `CLOSED`.
   */
  accept(drafted: DraftedEvent, caller: Caller): void {
    if (!this.offer(drafted, caller)) throw this.refusals.add();
  }

  /**
   * Accepts a draft at once if there is room.
   * @throws AuditError `CLOSED`.
   */
  offer(drafted: DraftedEvent, caller: Caller): boolean {
    this.assertOpen();
    const place = this.writeToSpool(drafted);
    if (this.backlog.size === 0 && this.enter(drafted, caller, place)) return true;
    if (!place) return false;
    this.accepted.set(caller, drafted.draft);
    this.backlog.add(drafted.draft, place, caller);
    return true;
  }

  /** Accepts a draft that counts what was accepted before, and so is never refused. True when the spool has it. */
  acceptCounted(drafted: DraftedEvent, caller: Caller): boolean {
    const { bytes } = drafted;
    const place = this.writeToSpool(drafted);
    this.capacity.reserve(bytes);
    this.enqueue({ drafted, caller, place, bytes }, this.accepted);
    return place !== null;
  }

  /** @throws AuditError `CLOSED`. */
  assertOpen(): void {
    if (this.closed) throw new AuditError('CLOSED', 'The event was not recorded: the ledger was closed.');
  }

  /** Accepts a draft of the ledger's own, which is never refused. */
  acceptOwn(drafted: DraftedEvent): void {
    const failed = (error: AuditError) => {
      if (error.code !== 'CLOSED') this.signals.error(error);
    };
    const place = this.writeToSpool(drafted);
    this.enqueue({ drafted, caller: { recorded: () => undefined, failed }, place, bytes: 0 }, this.own);
  }

  /** Queues a draft that something else keeps until it is recorded, once there is room. False when the ledger is closed. */
  async acceptKept(drafted: DraftedEvent, caller: Caller): Promise<boolean> {
    while (!this.closed) {
      if (this.enter(drafted, caller, null)) return true;
      await this.capacity.released();
    }
    return false;
  }

  /** Somebody waits for what is queued of a tenant: no more gathering. */
  endGathering(tenantId: string): void {
    this.committers.get(tenantId)?.endGathering();
  }

  /** A promise of room for one more event of that size; null when there is some now. */
  capacityFor(bytes: number): Promise<void> | null {
    if (this.closed || this.capacity.fits(bytes)) return null;
    return this.capacity.released().then(() => this.capacityFor(bytes) ?? undefined);
  }

  /** Writes what waits in memory into the spool again: what it had there is another process's now. */
  rewriteSpool(): void {
    for (const pending of this.queued) {
      const old = pending.place;
      pending.place = this.writeToSpool(pending.drafted);
      old?.segment.release();
    }
  }

  /**
   * Resolves when all that was accepted so far is durable.
   * @throws AuditError `STORE_UNAVAILABLE` with the `events` that are not.
   */
  async flush(timeoutMs = Infinity): Promise<void> {
    (await this.awaitSettled(this.accepted, timeoutMs)).assertDurable();
  }

  /** Flushes, stops all waits, and accepts nothing more. What could not be flushed is rejected with `CLOSED`. */
  async close(timeoutMs?: number): Promise<void> {
    this.closed = true;
    try {
      await this.flush(timeoutMs);
      await Promise.all([...this.leases.values()].map((relay) => relay.end()));
      if (this.store.isOpen()) await this.awaitSettled(this.own, Math.min(OWN_LIMIT, timeoutMs ?? OWN_LIMIT));
    } finally {
      this.closing.abort();
      this.backlog.stop();
      this.capacity.notify();
      const kept = this.spool ? ' The spool keeps it for the next start.' : '';
      const message = `The ledger was closed before the event was known to be recorded.${kept}`;
      for (const caller of this.accepted.keys())
        this.answerFailure(caller, new AuditError('CLOSED', message));
    }
  }

  stats(): QueueStats {
    let inFlight = 0;
    for (const committer of this.committers.values()) inFlight += committer.inFlight;
    return {
      queued: this.accepted.size - this.backlog.size - inFlight,
      inFlight,
      spooled: this.backlog.size,
      ...this.counts,
    };
  }

  private async awaitSettled(names: ReadonlyMap<Caller, EventName>, timeoutMs: number): Promise<Flush> {
    const flush = new Flush(names);
    this.flushes.add(flush);
    for (const committer of this.committers.values()) committer.endGathering();
    await withTimeout(timeoutMs, flush.settled);
    this.flushes.delete(flush);
    return flush;
  }

  /** Hands a draft to the spool, where there is one that takes it. */
  private writeToSpool(drafted: DraftedEvent): Place | null {
    return this.spool?.write(eventLine(serializeDraft(drafted))) ?? null;
  }

  private enter(drafted: DraftedEvent, caller: Caller, place: Place | null): boolean {
    const { bytes } = drafted;
    const beside = this.committers.get(drafted.draft.tenantId)?.waiting ?? 0;
    if (!this.capacity.tryReserve(bytes, beside)) return false;
    this.enqueue({ drafted, caller, place, bytes }, this.accepted);
    return true;
  }

  private enqueue(pending: Pending, names: Map<Caller, EventName>): void {
    const { draft } = pending.drafted;
    this.queued.add(pending);
    names.set(pending.caller, draft);
    this.committerFor(draft.tenantId).push(pending);
  }

  private recorded(pending: Pending, receipt: Receipt): void {
    this.releasePending(pending);
    if (!this.settle(pending.caller, true)) return;
    pending.caller.recorded(receipt);
    if (pending.bytes === 0) return; // the ledger's own are neither counted nor announced
    this.counts.recorded++;
    this.signals.recorded(receipt);
  }

  private failed(pending: Pick<Pending, 'caller' | 'place'>, error: AuditError): void {
    this.releasePending(pending as Pending);
    this.answerFailure(pending.caller, error);
  }

  private answerFailure(caller: Caller, error: AuditError): void {
    const own = this.own.has(caller);
    if (!this.settle(caller, false)) return;
    if (!own) this.counts.failed++;
    caller.failed(error);
  }

  private releasePending(pending: Pending): void {
    pending.place?.segment.release();
    if (!this.queued.delete(pending) || pending.bytes === 0) return;
    this.capacity.release(pending.bytes);
    if (this.capacity.isHalfFree) this.refusals.end();
  }

  /** False for one that was answered before: when the ledger is closed, an insert may still be under way. */
  private settle(caller: Caller, durable: boolean): boolean {
    if (!this.accepted.delete(caller) && !this.own.delete(caller)) return false;
    for (const flush of this.flushes) flush.settleOne(caller, durable);
    return true;
  }

  private committerFor(tenantId: string): Committer {
    const busy = this.committers.get(tenantId);
    if (busy) return busy;
    const relay = this.leases.get(tenantId) ?? new WriteLease(tenantId, this.parts);
    const committer = new Committer(tenantId, this.parts, this.heads.get(tenantId) ?? null, relay, (head) => {
      this.committers.delete(tenantId);
      remember(this.heads, tenantId, head);
      remember(this.leases, tenantId, relay.isContended ? relay : null);
    });
    this.committers.set(tenantId, committer);
    return committer;
  }

  /** The store is prepared once, at the first write; a failure is tried again with the next. */
  async ready(): Promise<void> {
    this.prepared ??= this.store.prepare();
    try {
      await this.prepared;
    } catch (error) {
      this.prepared = null;
      throw error;
    }
  }
}

/** Keeps what is known of the tenants that wrote last. */
function remember<T>(known: Map<string, T>, tenantId: string, value: T | null): void {
  known.delete(tenantId);
  if (value !== null) known.set(tenantId, value);
  if (known.size <= REMEMBERED_TENANTS) return;
  const [oldest] = known.keys();
  if (oldest !== undefined) known.delete(oldest);
}
