import type { Readable } from 'node:stream';
import type { AuditLog } from './audit-log';
import type { Entry, Receipt } from './chain/entry';
import type { InclusionProof } from './checkpoints/inclusion-proof';
import type { AuditEvent, Origin } from './event/event';
import type { Keys } from './keys/keys';
import { AuditError } from './errors';
import type { Clock } from './util/clock';
import { type EventOptions, Ledger, type PendingReceipt } from './ledger';
import type { ParsedOptions } from './options';
import type { ExportQuery } from './read/export-query';
import type { ListQuery } from './read/list-query';
import type { EntryPage } from './read/read-entries';
import type { Session, Store } from './store/store';
import type { StreamStats } from './streams/stream-service';
import type { Streams } from './streams/streams';
import type { ReconcileOptions, ReconcileReport } from './reconcile';
import type { ReopeningStatement } from './checkpoints/reopening';
import type { VerifyOptions } from './verify/options';
import type { ReopenOptions } from './verify/reopen';
import type { VerificationReport } from './verify/verify-chain';
import type { Batch } from './write/batch';
import type { SessionBatch } from './write/session-batch';
import type { WriteStats } from './write/recording';
import type { AuditSignals } from './write/signals';
import { VERSION } from './version';

/** Where each copy of this package finds the ledger behind what users hold: a private member is known to one copy alone. */
const INSIDE = Symbol.for('express-audit-ledger.inside');

/** The ledger behind an `Audit`, and which copy of the package made it. */
interface Inside {
  ledger: Ledger;
  /** What is behind the one that was put in its place. */
  next?: Inside;
  version: string;
  /** The folder of its code. */
  place: string;
}

/** Where the code of this copy is; bundlers may take that away. */
const PLACE = typeof __dirname === 'string' ? __dirname : 'an unknown place';

/** A ledger as its users hold it: records events, reads and verifies entries. Works anywhere, not in requests alone. */
export class Audit<Action extends string = string> implements AuditLog<Action> {
  readonly #inside: Inside;

  /** Use `createAudit`. */
  constructor(store: Store, options: ParsedOptions, clock: Clock) {
    this.#inside = { ledger: new Ledger(store, options, clock), version: VERSION, place: PLACE };
    Object.defineProperty(this, INSIDE, { value: this.#inside });
  }

  get #ledger(): Ledger {
    return newestOf(this.#inside).ledger;
  }

  /** The tenant of events that name none. */
  get defaultTenant(): string | undefined {
    return this.#ledger.defaultTenant;
  }

  /**
   * Records an event. Returns at once; the promise settles when the entry is durable and linked. Not awaiting it is
   * safe: a failure is emitted as `'error'` (logged without a listener), never an unhandled rejection.
   *
   * With a Mongoose `session` the event is written in the caller's transaction, and the promise resolves once it is:
   * await it before you commit. It is linked right after the commit (`seq`, `hash` and `recordedAt` are null until
   * then), or never existed.
   * @throws AuditError (as a rejection) `INVALID_EVENT`, `TENANT_REQUIRED`, `ID_CONFLICT`, `QUEUE_FULL`, `CLOSED`,
   * `INVALID_OPTIONS`; `RECORDING_TIMEOUT` where it is awaited for longer than `timeoutMs` of `createAudit`.
   */
  event(event: AuditEvent<Action>, options?: { session?: undefined }): Promise<Receipt>;
  event(event: AuditEvent<Action>, options: { session: Session }): Promise<PendingReceipt>;
  event(event: AuditEvent<Action>, options: EventOptions): Promise<Receipt | PendingReceipt>;
  event(event: AuditEvent<Action>, options: EventOptions = {}): Promise<Receipt | PendingReceipt> {
    return this.#ledger.event(event, options);
  }

  /**
   * Runs `call`, and all that it starts, as somebody: in jobs, queues and scripts, where no request says who acts. Within a
   * request nothing of that is taken over.
   * @returns what `call` gives
   * @throws AuditError `INVALID_OPTIONS` for members that are not known, and without a function
   */
  runAs<Result>(who: Origin, call: () => Result): Result {
    return this.#ledger.runAs(who, call);
  }

  /** The API keys of the collector (`auditCollector`). */
  get keys(): Keys {
    return this.#ledger.keys;
  }

  /**
   * Resolves when the collections and indexes are there that recording needs: made, or, where the database role may not,
   * checked. In a fresh database, await it before the first transaction, and before requests are let in.
   * @throws AuditError `STORE_UNAVAILABLE`, `FOREIGN_COLLECTION`, `CLOSED`.
   */
  ready(): Promise<void> {
    return this.#ledger.ready();
  }

  /**
   * Collects events to be recorded together, any mix of tenants. With a Mongoose `session`, `commit` writes them in the
   * caller's transaction: await it before you commit that.
   * @throws AuditError `INVALID_OPTIONS`
   */
  batch(options?: { session?: undefined }): Batch<Action>;
  batch(options: { session: Session }): SessionBatch<Action>;
  batch(options: EventOptions): Batch<Action> | SessionBatch<Action>;
  batch(options?: EventOptions): Batch<Action> | SessionBatch<Action> {
    return this.#ledger.batch(options);
  }

  /**
   * A page of a tenant's entries, newest first unless `order` says otherwise.
   * @throws AuditError `INVALID_QUERY`, `ENTRY_ALTERED`.
   */
  list(query: ListQuery): Promise<EntryPage> {
    return this.#ledger.list(query);
  }

  /**
   * One entry, or null.
   * @throws AuditError `INVALID_QUERY`, `ENTRY_ALTERED`.
   */
  get(name: { tenantId: string; id: string }): Promise<Entry | null> {
    return this.#ledger.get(name);
  }

  /**
   * Writes a tenant's entries as a stream of UTF-8 text, in constant memory. The export is first recorded as an entry
   * `audit.export` and the tree then checkpointed, so that the file proves itself and what was asked for. When an entry
   * cannot be read the stream ends with an error.
   * @throws AuditError `INVALID_QUERY`, `CHECKPOINT_CONTRADICTED`, `ENTRY_ALTERED`, `STORE_UNAVAILABLE`, `CLOSED`,
   * `READ_ONLY` for one with proof.
   */
  exportEvidence(query: ExportQuery): Promise<Readable> {
    return this.#ledger.exportEvidence(query);
  }

  /**
   * Reads a tenant's whole chain and says whether it is intact, and what holds it in place; tampering is a result, not an
   * error.
   * @throws AuditError `INVALID_QUERY`.
   */
  verify(query: { tenantId: string } & VerifyOptions): Promise<VerificationReport> {
    return this.#ledger.verify(query);
  }

  /**
   * Opens a chain again whose end does not belong to it (`CHAIN_BLOCKED`), or that was restored from a backup: sets aside
   * what does not belong, and records in the chain and in the chain `system`, signed, what was found, from which end to
   * which, by whom and why, and which checkpoints are void by it (docs/restore.md).
   * @returns the record; null where nothing was to be done
   * @throws AuditError `INVALID_QUERY`, `SIGNING_KEY_REQUIRED`, `ENTRY_ALTERED` when an entry in the middle is damaged,
   * `CHAIN_BLOCKED` when the chain `system` has to be opened first, `STORE_UNAVAILABLE`.
   */
  reopen(options: ReopenOptions): Promise<ReopeningStatement | null> {
    return this.#ledger.reopen(options);
  }

  /**
   * Finds changes of models with `auditChanges` that no event tells of: by other programs, by `Model.collection`, by the shell.
   * Each is recorded as `ledger.unaccounted_change`, once (docs/reconcile.md).
   * @throws AuditError `INVALID_OPTIONS`; `TENANT_REQUIRED` where nothing says whose the documents are; `ENTRY_ALTERED`,
   * `STORE_UNAVAILABLE`, `CLOSED`; `READ_ONLY` without `dryRun`.
   */
  reconcile(options: ReconcileOptions): Promise<ReconcileReport> {
    return this.#ledger.reconcile(options);
  }

  /**
   * Signs the current head of a tenant's tree, stores it and gives the note.
   * @throws AuditError `SIGNING_KEY_REQUIRED`; `CHECKPOINT_CONTRADICTED` when the entries contradict what was signed before,
   * `ENTRY_ALTERED` when they are no chain.
   */
  checkpoint(tenantId: string): Promise<string> {
    return this.#ledger.checkpoint(tenantId);
  }

  /**
   * Proves that an entry is in the tree of the newest checkpoint; null when there is no such entry, or no checkpoint
   * covers it yet.
   * @throws AuditError `INVALID_QUERY`, `ENTRY_ALTERED`.
   */
  prove(name: { tenantId: string; id: string }): Promise<InclusionProof | null> {
    return this.#ledger.proofs.prove(name);
  }

  /** The streams of entries to other systems: their state, and what changes them. */
  get streams(): Streams {
    return this.#ledger.streams;
  }

  /**
   * Resolves when all that was accepted so far is durable.
   * @throws AuditError `STORE_UNAVAILABLE` with the `events` that are not, after `timeoutMs` milliseconds at the latest.
   */
  flush(options: { timeoutMs?: number } = {}): Promise<void> {
    return this.#ledger.flush(options);
  }

  /**
   * Flushes, stops all timers and accepts nothing more; with `timeoutMs`, gives up what is not durable by then.
   * @throws AuditError `STORE_UNAVAILABLE` with the `events` that are not durable.
   */
  close(options: { timeoutMs?: number } = {}): Promise<void> {
    return this.#ledger.close(options);
  }

  /** Numbers for a health endpoint. */
  stats(): WriteStats & StreamStats {
    return this.#ledger.stats();
  }

  /** Listens to `'recorded'`, `'retry'` or `'error'`. What a listener throws is logged. */
  on<Name extends keyof AuditSignals>(name: Name, listener: (...args: AuditSignals[Name]) => void): this {
    this.#ledger.on(name, listener);
    return this;
  }

  off<Name extends keyof AuditSignals>(name: Name, listener: (...args: AuditSignals[Name]) => void): this {
    this.#ledger.off(name, listener);
    return this;
  }
}

/** Whether a value is an `Audit`, also one of another copy of this package. */
export function isAudit(value: unknown): value is Audit {
  return insideOf(value) !== undefined;
}

/**
 * The ledger behind what users hold, for adapters of this package. Another copy's will do if it is of the same version.
 * @throws AuditError `INVALID_OPTIONS` for the ledger of another version: its parts may not fit ours.
 */
export function ledgerOf(audit: Audit): Ledger {
  const { ledger, version, place } = newestOf(insideOf(audit) as Inside);
  if (version === VERSION) return ledger;
  const what = `Two versions of express-audit-ledger are loaded: ${VERSION} from ${PLACE}, and ${version} from ${place}`;
  const mend = 'install one, such as by `npm dedupe`, or import all from one';
  throw new AuditError('INVALID_OPTIONS', `${what}, which made the \`audit\`: ${mend}.`);
}

/** Lets all who hold an `Audit` go on with another's ledger. @returns the ledger that it had, which is to be closed */
export function replaceLedger(audit: Audit, by: Audit): Ledger {
  const old = newestOf(insideOf(audit) as Inside);
  old.next = newestOf(insideOf(by) as Inside);
  return old.ledger;
}

function newestOf(inside: Inside): Inside {
  let newest = inside;
  while (newest.next) newest = newest.next;
  return newest;
}

function insideOf(value: unknown): Inside | undefined {
  return (value as { [INSIDE]?: Inside } | null | undefined)?.[INSIDE];
}
