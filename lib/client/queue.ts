import type { Receipt } from '../chain/entry';
import { AuditError } from '../errors';
import type { DraftedEvent } from '../event/drafter';
import { withTimeout } from '../util/timeout';
import type { BatchQueue } from '../write/batch';
import { Capacity } from '../write/capacity';
import { Flush } from '../write/flush';
import type { Caller } from '../write/pending-event';
import type { Signals } from '../write/signals';
import type { QueueStats } from '../write/queue-stats';
import { Delivery, UNRECORDED } from './delivery';
import { Lanes, type Outgoing } from './lanes';
import type { ClientLimits } from './options';
import type { OpenSpool } from './spool/client-spool';
import { clearTimeout, monotonicNow, setTimeout } from './timers';
import type { Transport } from './transport';
import { serialize, type SerializedEvent } from './wire';

/** How long an event that nobody awaits may wait for others, in milliseconds. */
const DELAY = 50;

/** Requests that are under way at a time. */
const REQUESTS = 4;

/** Of a request that holds more than one event: a collector takes 1 MiB. */
const GROUP_BYTES = 900_000;

/** Accepts events and sends them to the collector, each tenant's in call order. Its memory is bounded. */
export class Queue implements BatchQueue {
  readonly #transport: Transport;
  readonly #limits: ClientLimits;
  readonly #signals: Signals;
  readonly #lanes = new Lanes();
  readonly #accepted = new Map<Caller, Outgoing>();
  readonly #flushes = new Set<Flush>();
  readonly #capacity: Capacity;
  readonly #delivery: Delivery;
  readonly #closing = new AbortController();
  readonly #counts = { recorded: 0, retries: 0, failed: 0 };
  /** Set by whoever opens one with this queue. */
  spool: OpenSpool | null = null;
  #requests = 0;
  /** Whether what waits is to be sent at once. */
  #isDue = false;
  /** Whether that is looked at once this turn of the application ends. */
  #isPumpAhead = false;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(transport: Transport, limits: ClientLimits, signals: Signals) {
    this.#transport = transport;
    this.#limits = limits;
    this.#signals = signals;
    this.#capacity = new Capacity(limits.queueEvents, limits.queueBytes);
    this.#delivery = new Delivery({
      transport,
      signal: this.#closing.signal,
      recorded: (event, receipt) => this.#recorded(event, receipt),
      failed: (event, error) => this.#failed(event, error),
      retried: (events, attempt, cause) => this.#retried(events, attempt, cause),
    });
  }

  /**
   * Accepts an event. With a spool it is kept, and has no deadline: it waits as long as the collector is away.
   * @throws AuditError `QUEUE_FULL`, `CLOSED`.
   */
  accept(serialized: SerializedEvent, caller: Caller): void {
    this.#assertRoom(serialized);
    this.#push(serialized, caller, this.spool?.keep(serialized) ?? null);
  }

  /** Waits for room, then accepts an event that is kept already. False when the client is closed. */
  async acceptKept(drafted: DraftedEvent, caller: Caller): Promise<boolean> {
    const serialized = serialize(drafted, true);
    await this.capacityFor(serialized.bytes);
    if (this.#isClosed) return false;
    this.#push(serialized, caller, null);
    return true;
  }

  #assertRoom({ draft: { tenantId }, bytes }: SerializedEvent): void {
    if (this.#isClosed) throw new AuditError('CLOSED', `${UNRECORDED}: the client was closed.`);
    if (!this.#capacity.fits(bytes, this.#lanes.sizeOf(tenantId))) throw this.#full();
  }

  #push(
    { draft, text, bytes, isStamped }: SerializedEvent,
    caller: Caller,
    release: Outgoing['release'],
  ): void {
    const { tenantId, id, action } = draft;
    const since = monotonicNow();
    const deadline = this.spool ? Infinity : since + this.#transport.timeoutMs;
    const event: Outgoing = {
      tenantId,
      id,
      action,
      since,
      text,
      bytes,
      isStamped,
      deadline,
      caller,
      release,
    };
    this.#capacity.reserve(bytes);
    this.#accepted.set(caller, event);
    this.#lanes.push(event);
    if (this.#lanes.size >= this.#limits.batch) this.endGathering();
    else this.#timer ??= setTimeout(() => this.endGathering(), DELAY);
  }

  /** Sends what waits, with all that is accepted in the same turn, a batch or some calls at a time: a caller awaits it. */
  endGathering(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isDue = this.#lanes.size > 0;
    if (this.#isPumpAhead) return;
    this.#isPumpAhead = true;
    queueMicrotask(() => {
      this.#isPumpAhead = false;
      this.#pump();
    });
  }

  /** Backpressure: resolves when one more event of that size fits. Null when it fits now. */
  capacityFor(bytes: number): Promise<void> | null {
    if (this.#isClosed || this.#capacity.fits(bytes)) return null;
    return this.#capacity.released().then(() => this.capacityFor(bytes) ?? undefined);
  }

  /**
   * Resolves when every event accepted so far is durable, those under way too.
   * @throws AuditError `STORE_UNAVAILABLE` with the `events` that are not.
   */
  async flush(timeoutMs = Infinity): Promise<void> {
    const flush = new Flush(this.#accepted);
    this.#flushes.add(flush);
    this.endGathering();
    await withTimeout(timeoutMs, flush.settled);
    this.#flushes.delete(flush);
    flush.assertDurable();
  }

  /** Flushes, stops all waits, and accepts nothing more. Events that are not durable by then fail with `CLOSED`. */
  async close(timeoutMs?: number): Promise<void> {
    this.#isClosed = true;
    try {
      await this.flush(timeoutMs);
    } finally {
      this.#closing.abort();
      this.#lanes.drop(() => true);
      const kept = this.spool ? ' The spool keeps it.' : '';
      const message = `The client was closed before the event was known to be recorded.${kept}`;
      for (const event of this.#accepted.values()) this.#failed(event, new AuditError('CLOSED', message));
      this.#capacity.notify();
      await this.spool?.close();
    }
  }

  stats(): QueueStats {
    const { size: queued } = this.#lanes;
    const [oldest] = this.#accepted.values();
    const oldestWaitingMs = oldest ? monotonicNow() - oldest.since : 0;
    const inFlight = this.#accepted.size - queued;
    return { queued, inFlight, spooled: 0, ...this.#counts, oldestWaitingMs };
  }

  #pump(): void {
    while (this.#isDue && this.#requests < REQUESTS) {
      const group = this.#lanes.take({ events: this.#limits.batch, bytes: GROUP_BYTES });
      if (group.length === 0) return; // the tenants of what waits have something under way
      this.#isDue = this.#lanes.size > 0;
      void this.#deliver(group);
    }
  }

  async #deliver(group: readonly Outgoing[]): Promise<void> {
    this.#requests++;
    await this.#delivery.deliver(group);
    this.#requests--;
    this.#lanes.release(group);
    this.#failLate();
    this.#pump();
  }

  /** What waited until its time was up, because others of its tenant were before it. */
  #failLate(): void {
    const now = monotonicNow();
    const message = `${UNRECORDED}: the collector took too long for those before it.`;
    for (const event of this.#lanes.drop(({ deadline }) => deadline <= now))
      this.#failed(event, new AuditError('STORE_UNAVAILABLE', message));
  }

  #full(): AuditError {
    const { queueEvents, queueBytes } = this.#limits;
    const bounds = `${queueEvents} events or ${queueBytes} bytes wait for the collector`;
    const mend = 'wait for receipts, or raise `limits`';
    return new AuditError('QUEUE_FULL', `${UNRECORDED}: ${bounds}: ${mend}.`);
  }

  #recorded(event: Outgoing, receipt: Receipt): void {
    if (!this.#settle(event, true)) return;
    event.release?.();
    this.#counts.recorded++;
    event.caller.recorded(receipt);
    this.#signals.recorded({ ...receipt, action: event.action });
  }

  #failed(event: Outgoing, error: AuditError): void {
    if (!this.#settle(event, false)) return;
    if (error.code !== 'CLOSED') event.release?.();
    this.#counts.failed++;
    event.caller.failed(error);
  }

  #retried(events: readonly Outgoing[], attempt: number, cause: unknown): void {
    this.#counts.retries++;
    for (const tenantId of new Set(events.map((event) => event.tenantId)))
      this.#signals.retry(tenantId, attempt, cause);
  }

  /** False when it was settled before: an answer may come when the client has given up. */
  #settle(event: Outgoing, durable: boolean): boolean {
    if (!this.#accepted.delete(event.caller)) return false;
    this.#capacity.release(event.bytes);
    for (const flush of this.#flushes) flush.settle(event.caller, durable);
    return true;
  }
}
