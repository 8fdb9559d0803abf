import type { Entry, Receipt } from './chain/entry';
import type { AuditEvent, Origin } from './event/event';
import type { ExportQuery } from './read/export-query';
import type { ListQuery } from './read/list-query';
import type { EntryPage } from './read/read-entries';
import type { VerifyOptions } from './verify/options';
import type { VerificationReport } from './verify/verify-chain';
import type { CommittedBatch } from './write/batch';
import type { AuditSignals } from './write/signals';
import type { QueueStats } from './write/queue-stats';

/**
 * What an application records with and reads: an `Audit`, which has a database, or an `AuditClient`, which has a collector.
 * Code that takes an `AuditLog` takes either. What each call does, and which errors it has, is the same.
 */
export interface AuditLog<Action extends string = string> {
  /** The tenant of events that name none. */
  readonly defaultTenant: string | undefined;
  /** Records an event. Not awaiting it is safe: a failure is emitted as `'error'`. */
  event(event: AuditEvent<Action>, options?: { session?: undefined }): Promise<Receipt>;
  /** Collects events to be recorded together, any mix of tenants. */
  batch(): EventBatch<Action>;
  /** Runs `call`, and all that it starts, as somebody. */
  runAs<Result>(who: Origin, call: () => Result): Result;
  /** A page of a tenant's entries, newest first unless `order` says otherwise. */
  list(query: ListQuery): Promise<EntryPage>;
  /** One entry, or null. */
  get(name: { tenantId: string; id: string }): Promise<Entry | null>;
  /** A tenant's entries as UTF-8 text, in pieces: what `writeFile` of `node:fs/promises` takes. */
  exportEvidence(query: ExportQuery): Promise<AsyncIterable<string | Uint8Array>>;
  /** Whether a tenant's whole chain is intact, and what holds it in place. */
  verify(query: { tenantId: string } & VerifyOptions): Promise<VerificationReport>;
  /** Resolves when all that was accepted so far is durable. */
  flush(options?: { timeoutMs?: number }): Promise<void>;
  /** Flushes, and accepts nothing more; with `timeoutMs`, gives up what is not durable by then. */
  close(options?: { timeoutMs?: number }): Promise<void>;
  /** Numbers for a health endpoint. */
  stats(): QueueStats;
  /** Listens to `'recorded'`, `'retry'` or `'error'`. */
  on<Name extends keyof AuditSignals>(name: Name, listener: (...args: AuditSignals[Name]) => void): this;
  off<Name extends keyof AuditSignals>(name: Name, listener: (...args: AuditSignals[Name]) => void): this;
}

/** Many events that are recorded together. */
export interface EventBatch<Action extends string = string> {
  /** Events added so far. */
  readonly size: number;
  /** Adds an event; nothing is recorded before `commit`. */
  event(event: AuditEvent<Action>): this;
  /** Records all events, and waits when the queue is full. It may be called again after a failure: nothing is recorded twice. */
  commit(): Promise<CommittedBatch>;
}
