import type { WriteLimits } from './limits';
import { setMaxListeners } from 'node:events';
import type { Receipt } from '../chain/entry';
import { AuditError, type EventName } from '../errors';
import { serializeDraft } from '../event/draft-json';
import type { DraftedEvent } from '../event/drafter';
import type { Signals } from './signals';
import { readOnly } from '../store/read-only-store';
import type { Store } from '../store/store';
import { withTimeout } from '../util/timeout';
import type { Alarm, AlarmListener } from './alarm';
import { ChainEnd } from './chain-end';
import { Committer, type CommitterParts } from './committer';
import { Flush } from './flush';
import type { Caller, PendingEvent } from './pending-event';
import { Preparation } from './preparation';
import { Refusals } from './refusals';
import { isIdConflict } from './conflict';
import { remember } from './remember';
import { WriteLease } from './write-lease';
import { Capacity } from './capacity';
import { DiskBacklog } from './disk-backlog';
import { type Source, SOURCE_POLICIES } from './source-policy';
import { eventLine } from './spool/spool-line';
import type { LinePosition } from './spool/segment';
import type { Spool } from './spool/spool';
import { mostInserts } from './most-inserts';
import type { QueueStats } from './queue-stats';
import { Semaphore } from './semaphore';
import { StallWatch } from './stall-watch';
import { SYSTEM_TENANT } from '../vocabulary';

/** An accepted event, and since when it waits, in milliseconds since 1970. */
type Accepted = EventName & { since: number };

/** What a writer works with. */
export interface WriterParts {
  store: Store;
  signals: Signals;
  limits: WriteLimits;
  listener: AlarmListener;
  alarm: Alarm;
  /** Whether it accepts nothing. */
  isReadOnly?: boolean;
  /** Stores accepted events on disk until they are recorded; null without one. */
  spool: Spool | null;
  clock: Pick<CommitterParts, 'now' | 'random'>;
  /** A tenant has a chain that this process did not begin. */
  found: (tenantId: string) => void;
  /** An event was refused because its id was taken. */
  conflicted: (drafted: DraftedEvent) => void;
}

/** Where an offered event is now; `spool` may mean memory and spool. */
export type Admission = 'refused' | 'memory' | 'spool';

/** The end of the chain is remembered for this many tenants. */
const CACHED_TENANTS = 10_000;

/** How long `close` waits for the ledger's own events, in milliseconds. */
const OWN_LIMIT = 5_000;

/** The queue: accepts events and commits them to their tenants' chains, each tenant's in call order. */
export class Writer {
  private readonly committers = new Map<string, Committer>();
  private readonly ends = new Map<string, ChainEnd>();
  /** Leases of tenants that other processes write, too. */
  private readonly leases = new Map<string, WriteLease>();
  /** Counted events that are neither recorded nor failed. */
  private readonly accepted = new Map<Caller, Accepted>();
  /** The same for events that are not counted. */
  private readonly uncounted = new Map<Caller, Accepted>();
  private readonly queued = new Set<PendingEvent>();
  private readonly flushes = new Set<Flush>();
  private readonly capacity: Capacity;
  private readonly refusals: Refusals;
  private readonly backlog: DiskBacklog;
  private readonly parts: CommitterParts;
  private readonly listener: AlarmListener;
  private readonly alarm: Alarm;
  private readonly closing = new AbortController();
  private readonly preparation: Preparation;
  private readonly stallWatch: StallWatch;
  private closed = false;
  private readonly counts = { recorded: 0, retries: 0, failed: 0 };
  private readonly store: Store;
  private readonly signals: Signals;
  private readonly spool: Spool | null;
  private readonly isReadOnly: boolean;
  private readonly found: WriterParts['found'];

  constructor(parts: WriterParts) {
    const { store, signals, limits, listener, alarm, isReadOnly = false, spool, clock, conflicted } = parts;
    this.isReadOnly = isReadOnly;
    this.found = parts.found;
    this.store = store;
    this.signals = signals;
    this.spool = spool;
    this.listener = listener;
    this.alarm = alarm;
    this.preparation = new Preparation(store, (error) => listener.failed(error));
    this.capacity = new Capacity(limits.queueEvents, limits.queueBytes);
    this.refusals = new Refusals(limits, listener, clock.now);
    this.backlog = new DiskBacklog({
      enqueue: (drafted, caller, position) => this.admit(drafted, 'caller', caller, position),
      released: () => this.capacity.released(),
      isHeldUp: (tenantId) => this.isHeldUp(tenantId),
      failed: (caller, position, error) => {
        position.segment.release();
        this.reject(caller, error);
      },
    });
    this.stallWatch = new StallWatch({
      // What an application that has disconnected, or never connected, has left is no outage.
      waiting: () => (store.isClosed() ? 0 : this.accepted.size),
      stalled: (error) => alarm.stalled(error),
    });
    const inserts = new Semaphore(() => mostInserts(store.poolSize()));
    // Each tenant's pause listens to this signal during an outage.
    setMaxListeners(0, this.closing.signal);
    this.parts = {
      ...clock,
      store,
      batch: limits.batch,
      alarm,
      signal: this.closing.signal,
      limitInserts: (work) => inserts.run(work),
      recorded: (pending, receipt, isRepeated) => this.recorded(pending, receipt, isRepeated),
      failed: (pending, error) => this.failed(pending, error, conflicted),
      refused: (pending, error) => this.recordRefusal(pending, error),
      inserts: { taken: 0 },
      retried: (tenantId, attempt, error) => {
        this.counts.retries++;
        signals.retry(tenantId, attempt, error);
        if (store.isClosed()) this.endFlushes();
      },
    };
  }

  /**
   * Accepts an event of a caller.
   * @throws AuditError `QUEUE_FULL`, `CLOSED`.
   */
  accept(drafted: DraftedEvent, caller: Caller): void {
    if (this.enqueue(drafted, 'caller', caller) === 'refused') throw this.refusals.add();
  }

  /**
   * Offers an event to the queue. The policy of its source says what happens to it.
   * @throws AuditError `CLOSED`, if the source may be refused.
   */
  enqueue(drafted: DraftedEvent, source: Source, caller: Caller): Admission {
    const { mayBeRefused, mayBacklog, isSpooled } = SOURCE_POLICIES[source];
    if (mayBeRefused) this.assertOpen();
    const position = isSpooled ? this.writeToSpool(drafted) : null;
    // Call order: while the backlog has events, later ones are added to it.
    const isBehind = mayBacklog && this.backlog.isBehind(drafted.draft.tenantId);
    if (!isBehind && this.admit(drafted, source, caller, position)) return position ? 'spool' : 'memory';
    if (!position) return 'refused';
    this.noteAccepted(this.accepted, drafted, caller);
    this.backlog.add(drafted.draft, position, caller);
    return 'spool';
  }

  /**
   * Waits for capacity, then enqueues an event that is stored elsewhere. False when the ledger is closed, or the event's
   * chain is held up.
   */
  async enqueueKept(drafted: DraftedEvent, caller: Caller): Promise<boolean> {
    while (!this.closed) {
      if (this.enqueue(drafted, 'kept', caller) !== 'refused') return true;
      if (this.isHeldUp(drafted.draft.tenantId)) return false;
      await this.capacity.released();
    }
    return false;
  }

  /** Whether a chain takes no events at present, because of what stands at its end. */
  private isHeldUp(tenantId: string): boolean {
    return this.committers.get(tenantId)?.isHeldUp ?? false;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** @throws AuditError `CLOSED`, `READ_ONLY`. */
  assertOpen(): void {
    if (this.isReadOnly) throw readOnly();
    if (this.closed) throw new AuditError('CLOSED', 'The event was not recorded: the ledger was closed.');
  }

  /** Ends the group commit delay of a tenant: a caller awaits one of its queued events. */
  endGathering(tenantId: string): void {
    this.committers.get(tenantId)?.endGathering();
  }

  /** Backpressure: resolves when one more event of that size fits. Null when it fits now. */
  capacityFor(bytes: number): Promise<void> | null {
    if (this.closed || this.capacity.fits(bytes)) return null;
    return this.capacity.released().then(() => this.capacityFor(bytes) ?? undefined);
  }

  /**
   * Writes all events queued in memory to the spool again: another process has claimed this one's folder. This
   * includes `kept` events: the folders that this process had claimed may be lost as well.
   */
  rewriteSpool(): void {
    for (const pending of this.queued) {
      const old = pending.position;
      pending.position = this.writeToSpool(pending.drafted);
      old?.segment.release();
    }
  }

  /**
   * Resolves when every event accepted so far is durable. Does not wait for what has no connection to be recorded on.
   * @throws AuditError `STORE_UNAVAILABLE` with the `events` that are not.
   */
  async flush(timeoutMs = Infinity): Promise<void> {
    (await this.awaitSettled(this.accepted, timeoutMs)).assertDurable();
  }

  /** Lets go of what is known of the chains. To be called while no event is queued. */
  forget(): void {
    this.ends.clear();
    this.leases.clear();
  }

  /** Flushes, stops all waits, and accepts nothing more. Events that are not durable by then fail with `CLOSED`. */
  async close(timeoutMs?: number): Promise<void> {
    this.closed = true;
    try {
      await this.flush(timeoutMs);
      await Promise.all([...this.leases.values()].map((lease) => lease.end()));
      if (this.store.isOpen())
        await this.awaitSettled(this.uncounted, Math.min(OWN_LIMIT, timeoutMs ?? OWN_LIMIT));
    } finally {
      this.closing.abort();
      this.stallWatch.stop();
      this.backlog.stop();
      this.capacity.notify();
      const kept = this.spool ? ' The spool keeps it for the next start.' : '';
      const message = `The ledger was closed before the event was known to be recorded.${kept}`;
      for (const caller of this.accepted.keys()) this.reject(caller, new AuditError('CLOSED', message));
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
      oldestWaitingMs: this.oldestWaitingMs(),
    };
  }

  private oldestWaitingMs(): number {
    const [oldest] = this.accepted.values();
    return oldest ? Math.max(0, this.parts.now() - oldest.since) : 0;
  }

  private async awaitSettled(events: ReadonlyMap<Caller, EventName>, timeoutMs: number): Promise<Flush> {
    const flush = new Flush(events);
    this.flushes.add(flush);
    for (const committer of this.committers.values()) committer.endGathering();
    if (this.store.isClosed()) flush.end();
    await withTimeout(timeoutMs, flush.settled);
    this.flushes.delete(flush);
    return flush;
  }

  /** The application has closed the connection: what waits does not become durable. */
  private endFlushes(): void {
    for (const flush of this.flushes) flush.end();
  }

  /** The event's line in the spool; null without a spool, or when the disk refuses it. */
  private writeToSpool(drafted: DraftedEvent): LinePosition | null {
    return this.spool?.write(eventLine(serializeDraft(drafted))) ?? null;
  }

  /** Puts an event into the queue in memory. False when it does not fit and may be refused. */
  private admit(
    drafted: DraftedEvent,
    source: Source,
    caller: Caller,
    position: LinePosition | null,
  ): boolean {
    const { draft, bytes } = drafted;
    const policy = SOURCE_POLICIES[source];
    if (policy.mayBeRefused) {
      const committer = this.committers.get(draft.tenantId);
      if (!this.capacity.fits(bytes, committer?.unrecorded ?? 0)) return false;
      // What waits for one chain takes half of the queue at most.
      if (committer?.isHeldUp && !this.capacity.isHalfFree) return false;
    }
    if (policy.takesCapacity) this.capacity.reserve(bytes);
    const pending = { drafted, caller, source, position };
    this.queued.add(pending);
    this.noteAccepted(policy.isCounted ? this.accepted : this.uncounted, drafted, caller);
    this.committerFor(draft.tenantId).push(pending);
    return true;
  }

  /** One that comes from the backlog waits since it was put there. */
  private noteAccepted(events: Map<Caller, Accepted>, { draft }: DraftedEvent, caller: Caller): void {
    if (events.has(caller)) return;
    events.set(caller, { tenantId: draft.tenantId, id: draft.id, since: this.parts.now() });
    if (events === this.accepted) this.stallWatch.begin(events.size === 1);
  }

  private recorded(pending: PendingEvent, receipt: Receipt, isRepeated = false): void {
    this.dequeue(pending);
    if (!this.settle(pending.caller, true)) return;
    pending.caller.recorded(receipt, isRepeated);
    if (!SOURCE_POLICIES[pending.source].isCounted) return;
    this.counts.recorded++;
    this.signals.recorded({ ...receipt, action: pending.drafted.draft.action });
  }

  private failed(pending: PendingEvent, error: AuditError, conflicted: WriterParts['conflicted']): void {
    this.dequeue(pending);
    this.reject(pending.caller, error);
    if (isIdConflict(error) && pending.source !== 'own') conflicted(pending.drafted);
  }

  /** Of an event of the ledger itself there is an `'error'` alone: its entry would be refused, too, and so on. */
  private recordRefusal({ source, drafted }: PendingEvent, error: AuditError): boolean {
    const { tenantId, id } = drafted.draft;
    const isRecorded = source !== 'own' && this.listener.recordFailure(error, { event: { tenantId, id } });
    this.endGathering(SYSTEM_TENANT); // the event waits for that
    return isRecorded && tenantId !== SYSTEM_TENANT;
  }

  private reject(caller: Caller, error: AuditError): void {
    const isCounted = this.accepted.has(caller);
    if (!this.settle(caller, false)) return;
    if (isCounted) this.counts.failed++;
    caller.failed(error);
  }

  /** Frees what a pending event takes: its line in the spool, and its capacity. */
  private dequeue(pending: PendingEvent): void {
    pending.position?.segment.release();
    if (!this.queued.delete(pending) || !SOURCE_POLICIES[pending.source].takesCapacity) return;
    this.capacity.release(pending.drafted.bytes);
    if (this.capacity.isHalfFree) this.refusals.end();
  }

  /** False when the caller was answered before: an insert may still be running when the ledger is closed. */
  private settle(caller: Caller, durable: boolean): boolean {
    if (!this.accepted.delete(caller) && !this.uncounted.delete(caller)) return false;
    this.stallWatch.progress();
    for (const flush of this.flushes) flush.settle(caller, durable);
    return true;
  }

  private committerFor(tenantId: string): Committer {
    const running = this.committers.get(tenantId);
    if (running) return running;
    const lease = this.leases.get(tenantId) ?? new WriteLease(tenantId, this.parts);
    const end = this.ends.get(tenantId) ?? this.endOf(tenantId);
    const committer = new Committer(tenantId, this.parts, end, lease, () => {
      this.committers.delete(tenantId);
      remember(this.ends, tenantId, end, CACHED_TENANTS);
      remember(this.leases, tenantId, lease, CACHED_TENANTS);
    });
    this.committers.set(tenantId, committer);
    return committer;
  }

  private endOf(tenantId: string): ChainEnd {
    const { store, preparation, listener, alarm, found } = this;
    const entriesRemoved = (of: string, error: AuditError) => listener.failed(error, { tenantId: of });
    const clockAhead = (of: string, error: AuditError) => alarm.reportClock(of, error);
    const told = { found, entriesRemoved, clockAhead };
    return new ChainEnd(tenantId, { store, preparation, ...told, now: this.parts.now });
  }

  /** The store is prepared before the first write to it. After a failure the next write tries again. */
  async ready(): Promise<void> {
    await this.preparation.once();
  }
}
