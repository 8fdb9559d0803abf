import { setTimeout as wait } from 'node:timers/promises';
import type { Receipt } from '../chain/entry';
import type { Head } from '../chain/link';
import { AuditError } from '../errors';
import type { DraftedEvent } from '../record/recorder';
import type { Signals } from '../signals';
import type { Store } from '../store';
import { Alarm } from './alarm';
import { Committer, type CommitterParts } from './committer';
import { Flush } from './flush';
import type { Pending, Waiting } from './pending';
import { Room } from './room';

/** How much may wait for the database. */
export interface WriteLimits {
  /** Events that wait or are under way, at most. */
  queueEvents: number;
  /** Their size in bytes, at most. */
  queueBytes: number;
  /** Entries in one insert, at most. */
  batch: number;
}

/** Numbers for a health endpoint. Events, but for `retries`: tries of an insert that had to be made again. */
export interface WriteStats {
  /** Accepted, and waiting for an insert. */
  queued: number;
  /** In an insert that is under way. */
  inFlight: number;
  recorded: number;
  retries: number;
  /** Accepted, but not recorded: their ids were taken, or the ledger was closed. */
  failed: number;
}

/** Ends of chains that are remembered, so that the next event of a tenant needs no read. */
const REMEMBERED_HEADS = 10_000;

/** Takes drafts and sees them into their chains, each tenant's in the order in which they came. */
export class Writer {
  private readonly committers = new Map<string, Committer>();
  private readonly heads = new Map<string, Head>();
  private readonly pending = new Set<Pending>();
  private readonly flushes = new Set<Flush>();
  private readonly room: Room;
  private readonly parts: CommitterParts;
  private readonly closing = new AbortController();
  private prepared: Promise<void> | null = null;
  private closed = false;
  private readonly counts = { recorded: 0, retries: 0, failed: 0 };

  constructor(
    private readonly store: Store,
    private readonly signals: Signals,
    private readonly limits: WriteLimits,
    clock: Pick<CommitterParts, 'now' | 'random'>,
  ) {
    this.room = new Room(limits.queueEvents, limits.queueBytes);
    this.parts = {
      ...clock,
      store,
      batch: limits.batch,
      alarm: new Alarm(signals),
      signal: this.closing.signal,
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
  accept(drafted: DraftedEvent, waiting: Waiting): void {
    if (this.closed) throw new AuditError('CLOSED', 'The event was not recorded: the ledger was closed.');
    if (!this.room.take(drafted.bytes)) throw queueFull(this.limits);
    const pending = { drafted, waiting };
    this.pending.add(pending);
    this.committerOf(drafted.draft.tenantId).push(pending);
  }

  /** Accepts a draft, and gives its receipt once it is recorded. */
  async submit(drafted: DraftedEvent): Promise<Receipt> {
    return new Promise((recorded, failed) => this.accept(drafted, { recorded, failed }));
  }

  /** A promise of room for one more event of that size; null when there is some now. */
  roomFor(bytes: number): Promise<void> | null {
    if (this.closed || this.room.fits(bytes)) return null;
    return this.room.change().then(() => this.roomFor(bytes) ?? undefined);
  }

  /**
   * Resolves when all that was accepted so far is durable.
   * @throws AuditError `STORE_UNAVAILABLE` with the `events` that are not.
   */
  async flush(timeoutMs = Infinity): Promise<void> {
    const flush = new Flush(this.pending);
    this.flushes.add(flush);
    await within(timeoutMs, flush.settled);
    this.flushes.delete(flush);
    flush.assertDurable();
  }

  /** Flushes, stops all waits, and accepts nothing more. What could not be flushed is rejected with `CLOSED`. */
  async close(timeoutMs?: number): Promise<void> {
    this.closed = true;
    try {
      await this.flush(timeoutMs);
    } finally {
      this.closing.abort();
      const message = 'The ledger was closed before the event was known to be recorded.';
      for (const pending of this.pending) this.failed(pending, new AuditError('CLOSED', message));
    }
  }

  stats(): WriteStats {
    let inFlight = 0;
    for (const committer of this.committers.values()) inFlight += committer.inFlight;
    return { queued: this.pending.size - inFlight, inFlight, ...this.counts };
  }

  private recorded(pending: Pending, receipt: Receipt): void {
    if (!this.leave(pending, true)) return;
    this.counts.recorded++;
    pending.waiting.recorded(receipt);
    this.signals.recorded(receipt);
  }

  private failed(pending: Pending, error: AuditError): void {
    if (!this.leave(pending, false)) return;
    this.counts.failed++;
    pending.waiting.failed(error);
  }

  /** False for one that was answered before: when the ledger is closed, an insert may still be under way. */
  private leave(pending: Pending, durable: boolean): boolean {
    if (!this.pending.delete(pending)) return false;
    this.room.leave(pending.drafted.bytes);
    for (const flush of this.flushes) flush.note(pending, durable);
    return true;
  }

  private committerOf(tenantId: string): Committer {
    const busy = this.committers.get(tenantId);
    if (busy) return busy;
    const committer = new Committer(tenantId, this.parts, this.heads.get(tenantId) ?? null, (head) => {
      this.committers.delete(tenantId);
      this.remember(tenantId, head);
    });
    this.committers.set(tenantId, committer);
    return committer;
  }

  /** Keeps the heads of the tenants that wrote last. */
  private remember(tenantId: string, head: Head | null): void {
    this.heads.delete(tenantId);
    if (head) this.heads.set(tenantId, head);
    if (this.heads.size <= REMEMBERED_HEADS) return;
    const [oldest] = this.heads.keys();
    if (oldest !== undefined) this.heads.delete(oldest);
  }

  /** The store is prepared once, at the first write; a failure is tried again with the next. */
  private async ready(): Promise<void> {
    this.prepared ??= this.store.prepare();
    try {
      await this.prepared;
    } catch (error) {
      this.prepared = null;
      throw error;
    }
  }
}

function queueFull({ queueEvents, queueBytes }: WriteLimits): AuditError {
  const bound = `limits.queueEvents ${queueEvents}, limits.queueBytes ${queueBytes}`;
  const mend = 'The database is away or too slow: answer 503, or raise the limit';
  return new AuditError('QUEUE_FULL', `The event was not recorded: the queue is full (${bound}). ${mend}.`);
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  if (timeoutMs === Infinity) {
    await work;
    return;
  }
  const timer = new AbortController();
  const timeout = wait(timeoutMs, undefined, { signal: timer.signal });
  await Promise.race([work, timeout]).finally(() => timer.abort());
}
