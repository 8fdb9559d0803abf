import type { Entry, Receipt } from './chain/entry';
import type { ParsedOptions } from './options';
import { assertTexts } from './read/texts';
import { type EntryPage, getEntry, listEntries } from './read/reader';
import type { ListQuery } from './read/query';
import type { AuditEvent, Origin } from './record/event';
import { type Author, createRecorder, type DraftedEvent, type Recorder } from './record/recorder';
import { currentScope, type Scope } from './record/scope';
import type { Secrets } from './record/secrets';
import { type AuditSignals, Signals } from './signals';
import type { Store } from './store';
import { verifyChain, type VerificationReport } from './verify/verify';
import { Batch } from './write/batch';
import { Writer, type WriteStats } from './write/writer';

/** Where time and chance come from. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** From [0, 1). */
  random(): number;
}

/** A ledger as its users hold it: records events, reads and verifies entries. Works anywhere, not in requests alone. */
export class Audit<Action extends string = string> {
  readonly #signals: Signals;
  readonly #recorder: Recorder;
  readonly #writer: Writer;
  readonly #store: Store;
  readonly #options: ParsedOptions;
  readonly #clock: Clock;

  /** Use `createAudit`. */
  constructor(store: Store, options: ParsedOptions, clock: Clock) {
    this.#store = store;
    this.#options = options;
    this.#clock = clock;
    this.#signals = new Signals(options.logger);
    this.#recorder = createRecorder({
      ...options,
      valueBytes: options.limits.valueBytes,
      now: () => clock.now(),
    });
    this.#writer = new Writer(store, this.#signals, options.limits, clock);
  }

  /** @internal Tells names and shapes of secrets. */
  get secrets(): Secrets {
    return this.#recorder.secrets;
  }

  /** @internal Emits or logs an error that no caller waits for. */
  report(error: Error): void {
    this.#signals.error(error);
  }

  /** The tenant of events that name none. */
  get defaultTenant(): string | undefined {
    return this.#options.defaultTenant;
  }

  /**
   * Records an event. Returns at once; the promise settles when the entry is durable and linked. Not awaiting it is
   * safe: a failure is emitted as `'error'` (logged without a listener), never an unhandled rejection.
   * @throws AuditError (as a rejection) `INVALID_EVENT`, `TENANT_REQUIRED`, `ID_CONFLICT`, `QUEUE_FULL`, `CLOSED`.
   */
  event(event: AuditEvent<Action>): Promise<Receipt> {
    return this.record(event, currentScope(this.#clock.now()), 'application');
  }

  /** @internal Records an event on behalf of a scope, whether or not that still surrounds the caller. */
  record(event: AuditEvent, scope: Scope | null, author: Author): Promise<Receipt> {
    const receipt = this.#record(event, scope, author);
    receipt.catch((error: unknown) => this.#signals.error(error as Error));
    return receipt;
  }

  /** Collects events to be recorded together, any mix of tenants. */
  batch(): Batch<Action> {
    const scope = currentScope(this.#clock.now());
    return new Batch((event) => this.#draft(event, scope, 'application'), this.#writer, this.#options.limits);
  }

  /**
   * A page of a tenant's entries, newest first unless `order` says otherwise.
   * @throws AuditError `INVALID_QUERY`, `UNREADABLE`.
   */
  async list(query: ListQuery): Promise<EntryPage> {
    return listEntries(query, this.#store);
  }

  /**
   * One entry, or null.
   * @throws AuditError `INVALID_QUERY`, `UNREADABLE`.
   */
  async get(name: { tenantId: string; id: string }): Promise<Entry | null> {
    return getEntry(name, this.#store);
  }

  /**
   * Reads a tenant's whole chain and says whether it is intact; tampering is a result, not an error.
   * @throws AuditError `INVALID_QUERY`.
   */
  async verify({ tenantId }: { tenantId: string }): Promise<VerificationReport> {
    assertTexts('verify', { tenantId });
    return verifyChain(tenantId, this.#store);
  }

  /**
   * Resolves when all that was accepted so far is durable.
   * @throws AuditError `STORE_UNAVAILABLE` with the `events` that are not, after `timeoutMs` milliseconds at the latest.
   */
  async flush({ timeoutMs }: { timeoutMs?: number } = {}): Promise<void> {
    await this.#writer.flush(timeoutMs);
  }

  /**
   * Flushes, stops all timers and accepts nothing more; with `timeoutMs`, gives up what is not durable by then.
   * @throws AuditError `STORE_UNAVAILABLE` with the `events` that are not durable.
   */
  async close({ timeoutMs }: { timeoutMs?: number } = {}): Promise<void> {
    await this.#writer.close(timeoutMs);
  }

  /** Numbers for a health endpoint. */
  stats(): WriteStats {
    return this.#writer.stats();
  }

  /** Listens to `'recorded'`, `'retry'` or `'error'`. What a listener throws is logged. */
  on<Name extends keyof AuditSignals>(name: Name, listener: (...args: AuditSignals[Name]) => void): this {
    this.#signals.on(name, listener);
    return this;
  }

  off<Name extends keyof AuditSignals>(name: Name, listener: (...args: AuditSignals[Name]) => void): this {
    this.#signals.off(name, listener);
    return this;
  }

  async #record(event: AuditEvent, scope: Scope | null, author: Author): Promise<Receipt> {
    return this.#writer.submit(this.#draft(event, scope, author));
  }

  #draft(event: AuditEvent, scope: Scope | null, author: Author): DraftedEvent {
    const origin: Origin = scope?.origin() ?? {};
    const drafted = this.#recorder(event, origin, author);
    scope?.recorded(drafted.draft.outcome);
    return drafted;
  }
}
