import type { Readable } from 'node:stream';
import type { Entry, Receipt } from './chain/entry';
import { checkMetadata } from './catalogue/check-metadata';
import type { ActionDefinition } from './catalogue/define-actions';
import { LifeCycle } from './write/life-cycle';
import { CheckpointService } from './checkpoints/checkpoint-service';
import { checkpointStatement } from './checkpoints/system-chain';
import type { Clock } from './util/clock';
import { describeConfiguration, type ParsedOptions } from './options';
import { Proofs } from './proofs';
import { type ReconcileLedger, type ReconcileOptions, reconcileOf, type ReconcileReport } from './reconcile';
import type { ExportQuery } from './read/export-query';
import { assertNames } from './read/assert-names';
import { type EntryPage, getEntry, listEntries } from './read/read-entries';
import type { ListQuery } from './read/list-query';
import { Trail } from './read/trail';
import type { AuditEvent, Origin } from './event/event';
import { type Author, type ByKey, createDrafter, type DraftedEvent, type Drafter } from './event/drafter';
import { currentScope, runAs, type Scope } from './scope';
import type { Names } from './event/names';
import type { Secrets } from './event/secrets';
import { type AuditSignals, Signals } from './write/signals';
import type { Session, Store } from './store/store';
import { readOnlyStore } from './store/read-only-store';
import { StreamService, type StreamStats } from './streams/stream-service';
import { Streams } from './streams/streams';
import type { ReopeningStatement } from './checkpoints/reopening';
import type { ReopenOptions } from './verify/reopen';
import type { VerificationReport } from './verify/verify-chain';
import type { VerifyOptions } from './verify/options';
import { LEDGER_ACTOR, SYSTEM_TENANT } from './vocabulary';
import { withTimeout } from './util/timeout';
import { ReceiptPromise } from './write/receipt-promise';
import { KeyCheck } from './keys/key-check';
import { Keys } from './keys/keys';
import { Batch } from './write/batch';
import { SessionBatch } from './write/session-batch';
import type { Caller } from './write/pending-event';
import { Captured } from './write/captured';
import type { PendingReceipt } from './write/outbox';
import { type EventOptions, hasNoSession, sessionIn } from './write/session-option';
import { Recording, type WriteStats } from './write/recording';
import { sha256 } from './crypto/node';

export type { EventOptions, PendingReceipt };

/** The ledger as adapters hold it: all that `Audit` offers, and what bindings of frameworks need beside it. */
export class Ledger {
  readonly #signals: Signals;
  readonly #recorder: Drafter;
  /** For bindings that follow each request. */
  readonly recording: Recording;
  /** What is captured of requests. */
  readonly captured: Captured;
  readonly #lifeCycle: LifeCycle;
  readonly #checkpoints: CheckpointService;
  /** What it states of its chains, and what others check. */
  readonly proofs: Proofs;
  /** The API keys of the collector. */
  readonly keys: Keys;
  /** Tells which key a text is. */
  readonly keyCheck: KeyCheck;
  readonly #trail: Trail;
  readonly #streams: StreamService;
  /** See `Audit.streams`. */
  readonly streams: Streams;
  readonly #store: Store;
  readonly #options: ParsedOptions;
  /** Receives what is rejected and awaited by nobody. */
  readonly #unhandled = (error: Error): void => this.#signals.error(error);

  /** Whether it writes nothing. */
  readonly isReadOnly: boolean;

  constructor(given: Store, options: ParsedOptions, clock: Clock) {
    const isReadOnly = (this.isReadOnly = options.readOnly);
    const store = isReadOnly ? readOnlyStore(given) : given;
    this.#store = store;
    this.#options = options;
    const signals = new Signals(options.logger);
    const { limits, spool } = options;
    this.#signals = signals;
    this.#recorder = createDrafter({
      sha256,
      ...options,
      valueBytes: limits.valueBytes,
      now: () => clock.now(),
    });
    const lifeCycle = new LifeCycle(signals, (event) =>
      this.recording.recordOwn(this.#recorder(event, {}, 'ledger')),
    );
    this.#lifeCycle = lifeCycle;
    this.recording = new Recording({ store, signals, limits, isReadOnly, spool, lifeCycle, clock });
    const report = (error: Error) => signals.error(error);
    const draft = (event: AuditEvent, scope: Scope | null) => this.#draft(event, scope, 'ledger');
    const ofLedger = (event: AuditEvent, scope: Scope) => this.record(event, scope, 'ledger');
    const captured = { recording: this.recording, isReadOnly, draft, record: ofLedger, report };
    this.captured = new Captured(captured, options.defaultTenant);
    this.#checkpoints = new CheckpointService({
      store,
      ledger: options.ledger,
      key: options.key,
      options: options.checkpoints,
      now: () => clock.now(),
      // So that the loss of a whole tenant shows.
      record: (tenantId, statement) => this.record(checkpointStatement(tenantId, statement), null, 'ledger'),
      report,
      contradicted: (tenantId, error) => lifeCycle.failed(error, { tenantId }),
    });
    this.proofs = new Proofs({
      store,
      options,
      checkpoints: this.#checkpoints,
      now: () => clock.now(),
      secrets: () => this.secrets,
      record: (event, scope) => this.record(event, scope, 'ledger'),
    });
    this.#trail = new Trail(store);
    // Who watches the watchers: what somebody does with keys and streams is by whoever the scope says that it is.
    const record = (event: AuditEvent) => {
      const actor = event.actor ?? currentScope()?.origin().actor ?? LEDGER_ACTOR;
      return this.record({ ...event, actor }, null, 'ledger');
    };
    const kept = { store, now: () => clock.now(), record };
    this.keyCheck = new KeyCheck({ ...kept, report });
    this.keys = new Keys({ ...kept, changed: (id) => this.keyCheck.forget(id) });
    const recordStep = (action: string, metadata: object, outcome: AuditEvent['outcome']) =>
      record({ action, tenantId: SYSTEM_TENANT, outcome, metadata: { ...metadata } });
    this.#streams = new StreamService({ store, clock, record: recordStep, report }, options.streams);
    this.streams = new Streams(this.#streams, store);
    signals.on('recorded', (receipt) => {
      this.#checkpoints.recorded(receipt);
      this.#trail.recorded(receipt);
      this.#streams.recorded(receipt);
    });
  }

  /** Takes up the work: what earlier processes left, and the ledger's own events. */
  start(): void {
    if (this.isReadOnly) return;
    this.#store.whenOpen(() => {
      this.#lifeCycle.started(describeConfiguration(this.#options));
      this.recording.start();
      this.#streams.start();
    });
  }

  /** Tells names and shapes of secrets. */
  get secrets(): Secrets {
    return this.#recorder.secrets;
  }

  /** Reads what names actors and tenants, whatever they are. */
  get names(): Names {
    return this.#recorder.names;
  }

  /** Emits or logs an error that no caller waits for. */
  report(error: Error): void {
    this.#signals.error(error);
  }

  /** Logs what is no error, but may be a mistake of the application. */
  warn(message: string): void {
    this.#signals.warn(message);
  }

  /** The tenant of events that name none. */
  get defaultTenant(): string | undefined {
    return this.#options.defaultTenant;
  }

  /** See `Audit.event`. */
  event(event: AuditEvent, options: EventOptions = {}): Promise<Receipt | PendingReceipt> {
    return this.eventIn(currentScope(), event, options);
  }

  /** `event` on behalf of a scope, whether or not that still surrounds the caller. */
  eventIn(
    scope: Scope | null,
    event: AuditEvent,
    options: EventOptions = {},
  ): Promise<Receipt | PendingReceipt> {
    // An ambient transaction is one that the library of the database tells of, though the call does not name it.
    const session = hasNoSession(options) ? this.#store.ambientSession() : undefined;
    if (hasNoSession(options) && !session) return this.record(event, scope, 'application');
    return ReceiptPromise.of<PendingReceipt>(({ recorded, failed }) => {
      void this.#stash(event, scope, session ? { session } : options).then(recorded, failed);
      return () => undefined;
    }, this.#unhandled);
  }

  /** Whether a session's transactions can hold events of this ledger: it is of the same client. */
  takesSession(session: Session): boolean {
    return this.#store.isOwnSession(session);
  }

  /** Checks an event for `recording.stashChanges`. @throws AuditError `INVALID_EVENT`, `TENANT_REQUIRED`. */
  draft(event: AuditEvent, scope: Scope | null): DraftedEvent {
    return this.#draft(event, scope, 'application');
  }

  /** See `Audit.runAs`. */
  runAs<Result>(who: Origin, call: () => Result): Result {
    return runAs(who, call);
  }

  /** Records an event on behalf of a scope. */
  record(event: AuditEvent, scope: Scope | null, author: Author): Promise<Receipt> {
    const start = (waiting: Caller) => this.#offer(event, scope, author, waiting);
    return ReceiptPromise.of(start, this.#unhandled, this.#options.timeoutMs);
  }

  /** What it gives lives as long as the event waits, so it must hold neither the event nor its request. */
  #offer(event: AuditEvent, scope: Scope | null, author: Author, waiting: Caller): () => void {
    const { writer } = this.recording;
    const drafted = this.#draft(event, scope, author);
    writer.accept(drafted, waiting);
    const { tenantId } = drafted.draft;
    return () => writer.endGathering(tenantId);
  }

  /** Whether the database is connected, as far as is known. */
  get isOpen(): boolean {
    return this.#store.isOpen();
  }

  /** Checks an event that came through a key. @throws AuditError `INVALID_EVENT`, `TENANT_REQUIRED`. */
  draftFor(key: ByKey, event: AuditEvent, origin: Origin): DraftedEvent {
    const drafted = this.#recorder(event, origin, key);
    this.recording.strangers.meet(drafted.draft.tenantId);
    return drafted;
  }

  /**
   * Records such an event.
   * @throws AuditError `QUEUE_FULL`, `CLOSED`. Other errors are the caller's.
   */
  accept(drafted: DraftedEvent, caller: Caller): void {
    const { writer } = this.recording;
    writer.accept(drafted, caller);
    writer.endGathering(drafted.draft.tenantId);
  }

  /** See `Audit.ready`. */
  async ready(): Promise<void> {
    await this.recording.ready();
  }

  /**
   * Collects events to be recorded together, any mix of tenants; with a `session`, in its transaction.
   * @throws AuditError `INVALID_OPTIONS`
   */
  batch(options: undefined): Batch;
  batch(options: EventOptions | undefined): Batch | SessionBatch;
  batch(options: EventOptions = {}): Batch | SessionBatch {
    const scope = currentScope();
    if (hasNoSession(options)) return this.batchIn(scope);
    const draft = (event: AuditEvent) => this.#draft(event, scope, 'application');
    const session = sessionIn(options);
    return new SessionBatch(draft, (drafted) => this.recording.stashAll(drafted, session));
  }

  /** The same on behalf of a scope. */
  batchIn(scope: Scope | null): Batch {
    const draft = (event: AuditEvent) => this.#draft(event, scope, 'application');
    return new Batch(draft, this.recording.writer, this.#options.limits);
  }

  /** See `Audit.list`. */
  async list(query: ListQuery, signal?: AbortSignal): Promise<EntryPage> {
    return listEntries(query, this.#store, signal);
  }

  /** See `Audit.get`. */
  async get(name: { tenantId: string; id: string }): Promise<Entry | null> {
    return getEntry(name, this.#store);
  }

  /** The application's actions, as far as it has defined them. */
  get definitions(): Readonly<Record<string, ActionDefinition>> {
    return this.#options.catalogue?.definitions ?? {};
  }

  /** What the page and the API show beside `list` and `get`. */
  get trail(): Trail {
    return this.#trail;
  }

  /** See `Audit.exportEvidence`. */
  async exportEvidence(query: ExportQuery): Promise<Readable> {
    return this.exportAs(undefined, query);
  }

  /** `exportEvidence` by an actor who was admitted to it, whoever the scope says that it is. */
  async exportAs(
    admitted: AuditEvent['actor'],
    query: ExportQuery,
    { isRecorded = true }: { isRecorded?: boolean } = {},
  ): Promise<Readable> {
    return this.proofs.exportAs(admitted, query, isRecorded);
  }

  /** See `Audit.verify`. */
  async verify(
    query: { tenantId: string } & VerifyOptions,
    signal?: AbortSignal,
  ): Promise<VerificationReport> {
    return this.proofs.verify(query, signal);
  }

  /** See `Audit.checkpoint`. */
  async checkpoint(tenantId: string): Promise<string> {
    assertNames('checkpoint', { tenantId });
    this.recording.assertOpen();
    return this.proofs.checkpoint(tenantId);
  }

  /** See `Audit.reopen`. */
  async reopen(options: ReopenOptions): Promise<ReopeningStatement | null> {
    this.recording.assertOpen();
    return this.proofs.reopen(options);
  }

  /** See `Audit.reconcile`. */
  async reconcile(options: ReconcileOptions): Promise<ReconcileReport> {
    return reconcileOf(options)(this.reconciled, options);
  }

  /** What finds changes without event works with. */
  get reconciled(): ReconcileLedger {
    return {
      isReadOnly: this.isReadOnly,
      takesSession: (session) => this.takesSession(session),
      list: (query) => this.list(query),
      get: (name) => this.get(name),
      record: (event) => this.record(event, null, 'ledger'),
      waitingSubjects: (subjects) => this.#store.waitingSubjects(subjects),
      tenants: () => this.#store.tenants(),
    };
  }

  /** Bytes up to which `metadata`, `before` and `after` are kept whole. */
  get valueBytes(): number {
    return this.#options.limits.valueBytes;
  }

  /** See `Audit.flush`. */
  async flush({ timeoutMs }: { timeoutMs?: number } = {}): Promise<void> {
    await this.recording.flush(timeoutMs);
  }

  /** Begins anew on a store that was emptied, while no event is queued: for a ledger in memory, between two tests. */
  forget(): void {
    this.recording.forget();
  }

  /** See `Audit.close`. */
  async close({ timeoutMs }: { timeoutMs?: number } = {}): Promise<void> {
    this.#trail.stop();
    await this.#streams.stop(timeoutMs);
    await withTimeout(timeoutMs ?? Infinity, this.#checkpoints.stop());
    await this.recording.close(timeoutMs);
  }

  /** See `Audit.stats`. */
  stats(): WriteStats & StreamStats {
    return { ...this.recording.stats(), ...this.#streams.stats() };
  }

  on<Name extends keyof AuditSignals>(name: Name, listener: (...args: AuditSignals[Name]) => void): void {
    this.#signals.on(name, listener);
  }

  off<Name extends keyof AuditSignals>(name: Name, listener: (...args: AuditSignals[Name]) => void): void {
    this.#signals.off(name, listener);
  }

  /** Reads the session without delay: who does not wait for this may soon end the transaction. */
  async #stash(event: AuditEvent, scope: Scope | null, options: unknown): Promise<PendingReceipt> {
    const session = sessionIn(options);
    const drafted = this.#draft(event, scope, 'application');
    await this.recording.stashAll([drafted], session);
    const { id, tenantId } = drafted.draft;
    return { id, tenantId, seq: null, hash: null, recordedAt: null };
  }

  /** What the ledger records by itself, such as a captured request, is nothing that the application has told the scope. */
  #draft(event: AuditEvent, scope: Scope | null, author: Author): DraftedEvent {
    const origin: Origin = scope?.origin() ?? {};
    const { catalogue } = this.#options;
    if (catalogue && author === 'application') checkMetadata(catalogue, event, (error) => this.report(error));
    const drafted = this.#recorder(event, origin, author);
    scope?.noted?.(drafted.draft.action, author !== 'application');
    if (author !== 'application') return drafted;
    scope?.recorded(drafted.draft);
    this.recording.strangers.meet(drafted.draft.tenantId);
    return drafted;
  }
}
