import type { Readable } from 'node:stream';
import type { Entry, Receipt } from './chain/entry';
import { AuditError, isAuditError } from './errors';
import { exportEvidence } from './evidence/write/export-evidence';
import { EXPORT_ACTION } from './evidence/records';
import { LifeCycle } from './write/life-cycle';
import { checkpointOrigin } from './notes/checkpoint';
import { CheckpointService } from './checkpoints/checkpoint-service';
import { formatVerifierKey } from './notes/note';
import { CHECKPOINT_ACTION } from './checkpoints/system-chain';
import { type InclusionProof, proveInclusion } from './checkpoints/inclusion-proof';
import type { Clock, EventOptions, PendingReceipt } from './event-options';
import { describeConfiguration, type ParsedOptions } from './options';
import { type ExportQuery, parseExportQuery } from './read/export-query';
import { assertNames } from './read/assert-names';
import { type EntryPage, getEntry, listEntries } from './read/read-entries';
import type { ListQuery } from './read/list-query';
import { Trail } from './read/trail';
import type { AuditEvent, Origin } from './event/event';
import { type Author, createDrafter, type DraftedEvent, type Drafter } from './event/drafter';
import { currentScope, runInScope, type Scope, scopeOf } from './scope';
import { Complaints, isObject } from './util/complaints';
import type { Names } from './event/names';
import type { Secrets } from './event/secrets';
import { type AuditSignals, Signals } from './write/signals';
import type { Store } from './store/store';
import { StreamService, type StreamStats } from './streams/stream-service';
import { Streams } from './streams/streams';
import { verifyChain, type VerificationReport } from './verify/verify-chain';
import type { VerifyOptions } from './verify/options';
import { LEDGER_ACTOR, SYSTEM_TENANT } from './vocabulary';
import { withTimeout } from './util/timeout';
import { ReceiptPromise } from './write/receipt-promise';
import { Batch } from './write/batch';
import type { RepetitionKey } from './write/folding';
import { hasNoSession, sessionIn } from './write/outbox';
import { Recording, type WriteStats } from './write/recording';
import { sha256 } from './crypto/node';

/** Who the events of more callers than are told apart are by. */
const MANY = { id: 'various', type: 'anonymous' } as const;

/** Why a proof fails that may succeed once the tree was built anew: a damaged tile alone must not keep anybody from it. */
const REBUILT: ReadonlySet<string> = new Set(['TREE_DAMAGED', 'ENTRY_ALTERED', 'UNREADABLE']);

/** The ledger as adapters hold it: all that `Audit` offers, and what bindings of frameworks need beside it. */
export class Ledger {
  readonly #signals: Signals;
  readonly #recorder: Drafter;
  /** For bindings that follow each request. */
  readonly recording: Recording;
  readonly #lifeCycle: LifeCycle;
  readonly #checkpoints: CheckpointService;
  readonly #trail: Trail;
  readonly #streams: StreamService;
  /** See `Audit.streams`. */
  readonly streams: Streams;
  readonly #store: Store;
  readonly #options: ParsedOptions;
  readonly #clock: Clock;

  constructor(store: Store, options: ParsedOptions, clock: Clock) {
    this.#store = store;
    this.#options = options;
    this.#clock = clock;
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
    this.recording = new Recording({ store, signals, limits, spool, lifeCycle, clock });
    this.#checkpoints = new CheckpointService({
      store,
      ledger: options.ledger,
      key: options.key,
      options: options.checkpoints,
      now: () => clock.now(),
      record: (tenantId, statement) => this.#recordCheckpoint(tenantId, statement),
      report: (error) => signals.error(error),
      contradicted: (tenantId, error) => lifeCycle.failed(error, { tenantId }),
    });
    this.#trail = new Trail(store);
    const record = this.#recordOfStream.bind(this);
    const report = (error: Error) => signals.error(error);
    this.#streams = new StreamService({ store, clock, record, report }, options.streams);
    this.streams = new Streams(this.#streams, store);
    signals.on('recorded', (receipt) => {
      this.#checkpoints.recorded(receipt);
      this.#trail.recorded(receipt);
      this.#streams.recorded(receipt);
    });
  }

  /** Takes up the work: what earlier processes left, and the ledger's own events. */
  start(): void {
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
    this.#options.logger.warn(`audit: ${message}`);
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
    const receipt = this.#stash(event, scope, session ? { session } : options);
    receipt.catch((error: unknown) => this.#signals.error(error as Error));
    return receipt;
  }

  /** See `Audit.runAs`. */
  runAs<Result>(who: Origin, call: () => Result): Result {
    const complaints = new Complaints();
    if (!isObject(who)) complaints.add('who', 'an object such as { actor, tenantId }', who);
    else complaints.unknownFields(who, ['actor', 'tenantId', 'context']);
    if (typeof call !== 'function') complaints.add('call', 'a function', call);
    complaints.assertNone('INVALID_OPTIONS', 'runAs cannot run');
    return runInScope(scopeOf({ ...who }), call);
  }

  /** Records an event on behalf of a scope. */
  record(event: AuditEvent, scope: Scope | null, author: Author): Promise<Receipt> {
    const { writer } = this.recording;
    return ReceiptPromise.of(
      (waiting) => {
        const drafted = this.#draft(event, scope, author);
        writer.accept(drafted, waiting);
        return () => writer.endGathering(drafted.draft.tenantId);
      },
      (error) => this.#signals.error(error),
    );
  }

  /**
   * Records a captured event that clients can repeat, such as a refused request or an export, or counts it where it is one
   * of many.
   */
  fold(key: RepetitionKey, event: AuditEvent, scope: Scope): void {
    const { tenantId, action } = key;
    const many: AuditEvent = { tenantId, action, actor: MANY, outcome: event.outcome };
    const failed = (error: Error) => this.#signals.error(error);
    try {
      const draft = () => this.#draft({ ...event, tenantId }, scope, 'ledger');
      const draftOfMany = () => this.#recorder(many, {}, 'ledger');
      this.recording.fold({ key, draft, draftOfMany }, { recorded: () => undefined, failed });
    } catch (error) {
      failed(error as Error);
    }
  }

  /** Collects events to be recorded together, any mix of tenants. */
  batch(): Batch {
    const scope = currentScope();
    return new Batch(
      (event) => this.#draft(event, scope, 'application'),
      this.recording.writer,
      this.#options.limits,
    );
  }

  /**
   * A page of a tenant's entries, newest first unless `order` says otherwise.
   * @throws AuditError `INVALID_QUERY`, `ENTRY_ALTERED`.
   */
  async list(query: ListQuery): Promise<EntryPage> {
    return listEntries(query, this.#store);
  }

  /**
   * One entry, or null.
   * @throws AuditError `INVALID_QUERY`, `ENTRY_ALTERED`.
   */
  async get(name: { tenantId: string; id: string }): Promise<Entry | null> {
    return getEntry(name, this.#store);
  }

  /** What the page and the API show beside `list` and `get`. */
  get trail(): Trail {
    return this.#trail;
  }

  /**
   * Writes a tenant's entries as a stream of UTF-8 text, in constant memory. The export is first recorded as an entry
   * `audit.export` and the tree then checkpointed, so that the file proves itself and what was asked for. When an entry
   * cannot be read the stream ends with an error.
   * @throws AuditError `INVALID_QUERY`, `CHECKPOINT_CONTRADICTED`, `ENTRY_ALTERED`, `STORE_UNAVAILABLE`, `CLOSED`.
   */
  async exportEvidence(query: ExportQuery): Promise<Readable> {
    return this.exportAs(undefined, query);
  }

  /** `exportEvidence` by an actor who was admitted to it, whoever the scope says that it is. */
  async exportAs(
    admitted: AuditEvent['actor'],
    query: ExportQuery,
    { isRecorded = true }: { isRecorded?: boolean } = {},
  ): Promise<Readable> {
    const parsed = parseExportQuery(query, (text) => this.secrets.isText(text));
    const scope = currentScope();
    const actor = admitted ?? scope?.origin().actor ?? parsed.exportedBy;
    const { tenantId } = parsed;
    const { ledger } = this.#options;
    const parts = {
      store: this.#store,
      ledger,
      checkpoints: this.#checkpoints,
      now: () => this.#clock.now(),
    };
    // A file that proves itself needs the entry that states what was asked for.
    if (!isRecorded && !parsed.proof) return exportEvidence(parsed, null, parts);
    const record = (statement: object) =>
      this.record({ tenantId, action: EXPORT_ACTION, actor, metadata: { ...statement } }, scope, 'ledger');
    return exportEvidence(parsed, record, parts);
  }

  /**
   * Reads a tenant's whole chain and says whether it is intact, and what holds it in place; tampering is a result, not an
   * error.
   * @throws AuditError `INVALID_QUERY`.
   */
  async verify({ tenantId, ...options }: { tenantId: string } & VerifyOptions): Promise<VerificationReport> {
    assertNames('verify', { tenantId });
    const { ledger, key } = this.#options;
    return verifyChain(tenantId, { store: this.#store, ledger, key, file: this.#checkpoints.file }, options);
  }

  /**
   * Signs the current head of a tenant's tree, stores it and gives the note.
   * @throws AuditError `SIGNING_KEY_REQUIRED`; `CHECKPOINT_CONTRADICTED` when the entries contradict what was signed before,
   * `ENTRY_ALTERED` when they are no chain.
   */
  async checkpoint(tenantId: string): Promise<string> {
    assertNames('checkpoint', { tenantId });
    this.recording.assertOpen();
    if (!this.#options.key) {
      const mend = 'give createAudit a `signingKey` and the name of its `ledger`';
      throw new AuditError('SIGNING_KEY_REQUIRED', `A checkpoint is signed: ${mend}.`);
    }
    return (await this.#checkpoints.issue(tenantId)).note;
  }

  /** Who signs a tenant's checkpoints: the ledger's name, and its verifier key if it has one. */
  signer(tenantId: string): { ledger: string; verifierKey: string | null } {
    assertNames('checkpoint', { tenantId });
    const { ledger, key } = this.#options;
    return {
      ledger,
      verifierKey: key && formatVerifierKey(key.verifierKey(checkpointOrigin(ledger, tenantId))),
    };
  }

  /** The newest signed note of a tenant; null without one. */
  async newestCheckpoint(tenantId: string): Promise<string | null> {
    assertNames('checkpoint', { tenantId });
    const newest = this.#options.key && (await this.#checkpoints.issuer.newest(tenantId));
    return newest ? newest.note : null;
  }

  /**
   * Proves that an entry is in the tree of the newest checkpoint; null when there is no such entry, or no checkpoint
   * covers it yet.
   * @throws AuditError `INVALID_QUERY`, `ENTRY_ALTERED`.
   */
  async prove(name: { tenantId: string; id: string }): Promise<InclusionProof | null> {
    const entry = await getEntry(name, this.#store);
    const { issuer } = this.#checkpoints;
    const head = entry && (await issuer.newest(name.tenantId));
    if (!head || entry.seq > head.size) return null;
    try {
      return await proveInclusion(entry, head, this.#store);
    } catch (error) {
      if (!isAuditError(error) || !REBUILT.has(error.code)) throw error;
      await issuer.rebuild(name.tenantId);
      return proveInclusion(entry, head, this.#store);
    }
  }

  /**
   * Resolves when all that was accepted so far is durable.
   * @throws AuditError `STORE_UNAVAILABLE` with the `events` that are not, after `timeoutMs` milliseconds at the latest.
   */
  async flush({ timeoutMs }: { timeoutMs?: number } = {}): Promise<void> {
    await this.recording.flush(timeoutMs);
  }

  /** Begins anew on a store that was emptied, while no event is queued: for a ledger in memory, between two tests. */
  forget(): void {
    this.recording.forget();
  }

  /**
   * Flushes, stops all timers and accepts nothing more; with `timeoutMs`, gives up what is not durable by then.
   * @throws AuditError `STORE_UNAVAILABLE` with the `events` that are not durable.
   */
  async close({ timeoutMs }: { timeoutMs?: number } = {}): Promise<void> {
    this.#trail.stop();
    await this.#streams.stop(timeoutMs);
    await withTimeout(timeoutMs ?? Infinity, this.#checkpoints.stop());
    await this.recording.close(timeoutMs);
  }

  /** Numbers for a health endpoint. */
  stats(): WriteStats & StreamStats {
    return { ...this.recording.stats(), ...this.#streams.stats() };
  }

  on<Name extends keyof AuditSignals>(name: Name, listener: (...args: AuditSignals[Name]) => void): void {
    this.#signals.on(name, listener);
  }

  off<Name extends keyof AuditSignals>(name: Name, listener: (...args: AuditSignals[Name]) => void): void {
    this.#signals.off(name, listener);
  }

  /** Who watches the watchers: what somebody does with a stream is by whoever the scope says that it is. */
  #recordOfStream(action: string, metadata: object, outcome: AuditEvent['outcome']): Promise<Receipt> {
    const actor = currentScope()?.origin().actor ?? LEDGER_ACTOR;
    const event = { action, tenantId: SYSTEM_TENANT, actor, outcome, metadata: { ...metadata } };
    return this.record(event, null, 'ledger');
  }

  /** So that the loss of a whole tenant shows. */
  #recordCheckpoint(tenantId: string, statement: { size: number; root: string }): Promise<Receipt> {
    const metadata = { tenantId, ...statement };
    const event = {
      action: CHECKPOINT_ACTION,
      tenantId: SYSTEM_TENANT,
      actor: LEDGER_ACTOR,
      resource: tenantId,
      metadata,
    };
    return this.record(event, null, 'ledger');
  }

  /** Reads the session without delay: who does not wait for this may soon end the transaction. */
  async #stash(event: AuditEvent, scope: Scope | null, options: unknown): Promise<PendingReceipt> {
    const session = sessionIn(options);
    const drafted = this.#draft(event, scope, 'application');
    await this.recording.stash(drafted, session);
    const { id, tenantId } = drafted.draft;
    return { id, tenantId, seq: null, hash: null, recordedAt: null };
  }

  /** What the ledger records by itself, such as a captured request, is nothing that the application has told the scope. */
  #draft(event: AuditEvent, scope: Scope | null, author: Author): DraftedEvent {
    const origin: Origin = scope?.origin() ?? {};
    const drafted = this.#recorder(event, origin, author);
    if (author === 'application') scope?.recorded(drafted.draft.outcome);
    return drafted;
  }
}
