import type { AuditLog } from '../audit-log';
import type { Entry, Receipt } from '../chain/entry';
import { sha256 } from '../crypto/sha256';
import { AuditError } from '../errors';
import { createDrafter, type Drafter } from '../event/drafter';
import type { AuditEvent, Origin } from '../event/event';
import { isAbsent } from '../event/event-fields';
import type { ExportQuery } from '../read/export-query';
import type { ListQuery } from '../read/list-query';
import type { EntryPage } from '../read/read-entries';
import { currentScope, runAs, type Scope } from '../scope';
import { assertOptions, isObject } from '../util/complaints';
import type { VerifyOptions } from '../verify/options';
import type { VerificationReport } from '../verify/verify-chain';
import { Batch } from '../write/batch';
import { ReceiptPromise } from '../write/receipt-promise';
import { type AuditSignals, Signals } from '../write/signals';
import type { QueueStats } from '../write/queue-stats';
import { evidenceStream, type EvidenceStream } from './evidence-stream';
import { type ClientOptions, type ParsedClientOptions, parseClientOptions, type WaitUntil } from './options';
import { Queue } from './queue';
import { queryText } from './query-text';
import type { Reply } from './reply';
import { ASKED, queryError, Transport, unreachable } from './transport';
import { platformWaitUntil } from './wait-until';
import { serialize, type SerializedEvent } from './wire';

/**
 * Makes a client of a collector. Options are checked now, the collector is met at the first event or query.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function createClient<const Action extends string = string>(
  options: ClientOptions<Action> = {},
): AuditClient<Action> {
  assertOptions('createClient', options);
  return new AuditClient<Action>(parseClientOptions(options));
}

/** A ledger that is elsewhere, as its users hold it: the calls of `Audit`, answered by a collector. */
export class AuditClient<Action extends string = string> implements AuditLog<Action> {
  readonly #options: ParsedClientOptions;
  readonly #drafter: Drafter;
  readonly #signals: Signals;
  readonly #transport: Transport;
  readonly #queue: Queue;
  readonly #closing = new AbortController();

  /** Use `createClient`. */
  constructor(options: ParsedClientOptions) {
    const { limits, logger } = options;
    this.#options = options;
    this.#signals = new Signals(logger);
    this.#transport = new Transport(options);
    const queue = new Queue(this.#transport, limits, this.#signals);
    this.#queue = queue;
    queue.spool = options.spool
      ? options.spool.open({
          accept: (drafted, caller) => queue.acceptKept(drafted, caller),
          report: (error) => this.#signals.error(error),
        })
      : null;
    const { valueBytes } = limits;
    this.#drafter = createDrafter({ ...options, sha256, valueBytes, now: Date.now, keepsLongIds: true });
  }

  /** The tenant of events that name none. */
  get defaultTenant(): string | undefined {
    return this.#options.defaultTenant;
  }

  /**
   * Records an event: checked, converted and redacted before anything is sent. Returns at once; the promise
   * settles when the collector has it durable and linked, or `timeoutMs` is over. Not awaiting it is safe: it is sent with
   * others within 50 ms, and a failure is emitted as `'error'` (logged without a listener).
   * @throws AuditError (as a rejection) as `Audit.event`, and `KEY_REFUSED`; `STORE_UNAVAILABLE` when the collector did not
   * answer in time: whether it has the event is not known then, and to record it again with the same `id` is safe.
   */
  event(event: AuditEvent<Action>, options: { session?: undefined } = {}): Promise<Receipt> {
    let settled: () => void = () => undefined;
    return ReceiptPromise.of(
      (caller) => {
        if (!isAbsent((options as { session?: unknown } | null)?.session)) throw noTransaction();
        const drafted = this.#draft(event, currentScope());
        this.#queue.accept(drafted, {
          recorded: (receipt) => {
            caller.recorded(receipt);
            settled();
          },
          failed: (error) => {
            caller.failed(error);
            settled();
          },
        });
        this.#keepAlive(new Promise<void>((resolve) => (settled = resolve)));
        return () => this.#queue.endGathering();
      },
      (error) => this.#signals.error(error),
    );
  }

  /** Collects events to be recorded together, any mix of tenants. */
  batch(): Batch<Action> {
    const scope = currentScope();
    const { limits } = this.#options;
    return new Batch<Action>((event) => this.#draft(event, scope), this.#queue, limits);
  }

  /** As that of `Audit`; needs a runtime that has `AsyncLocalStorage`. */
  runAs<Result>(who: Origin, call: () => Result): Result {
    return runAs(who, call);
  }

  /**
   * A page of a tenant's entries, newest first unless `order` says otherwise.
   * @throws AuditError `INVALID_QUERY`, `ENTRY_ALTERED`, `KEY_REFUSED`, `STORE_UNAVAILABLE`.
   */
  async list(query: ListQuery): Promise<EntryPage> {
    const reply = await this.#ask(`/entries${queryText('list', query)}`);
    const { entries, nextCursor, lookedAt } = membersOf(reply);
    if (!Array.isArray(entries)) throw notOurs(reply);
    return Object.assign(entries, { nextCursor: nextCursor ?? null }, lookedAt && { lookedAt }) as EntryPage;
  }

  /**
   * One entry, or null.
   * @throws AuditError `INVALID_QUERY`, `ENTRY_ALTERED`, `KEY_REFUSED`, `STORE_UNAVAILABLE`.
   */
  async get({ tenantId, id }: { tenantId: string; id: string }): Promise<Entry | null> {
    queryText('get', { tenantId, id: isPath(id) ? id : null });
    const reply = await this.#find(`/entries/${encodeURIComponent(id)}${queryText('get', { tenantId })}`);
    return reply && (membersOf(reply) as object as Entry);
  }

  /**
   * A tenant's entries as a stream of UTF-8 text, in constant memory, as the collector writes it. When the connection
   * breaks, or an entry cannot be read, the stream ends with an error.
   * @throws AuditError as `Audit.exportEvidence`, and `KEY_REFUSED`.
   */
  async exportEvidence(query: ExportQuery): Promise<EvidenceStream> {
    const { exportedBy, ...asked } = { ...query };
    const actor = isAbsent(exportedBy) ? undefined : this.#exporter(exportedBy);
    const path = `/export${queryText('exportEvidence', { ...asked, exportedBy: actor }, EXPORT_NAMES)}`;
    const { body, reply } = await this.#transport.stream(path, this.#closing.signal);
    assertAnswered(reply);
    return evidenceStream(body);
  }

  /**
   * Has the collector read a tenant's whole chain and say whether it is intact. Who does not trust the collector exports the
   * evidence, and checks that with a checkpoint of their own.
   * @throws AuditError `INVALID_QUERY`, `KEY_REFUSED`, `STORE_UNAVAILABLE`.
   */
  async verify(query: { tenantId: string } & VerifyOptions): Promise<VerificationReport> {
    const reply = await this.#ask(`/verify${queryText('verify', query)}`);
    return membersOf(reply) as object as VerificationReport;
  }

  /**
   * The newest signed checkpoint of a tenant, to be kept where the collector's operators cannot change it; null without one.
   * `pinCheckpoint` holds it against the one that was kept before.
   * @throws AuditError `INVALID_QUERY`, `KEY_REFUSED`, `STORE_UNAVAILABLE`.
   */
  async newestCheckpoint(tenantId: string): Promise<string | null> {
    const reply = await this.#find(`/checkpoint${queryText('newestCheckpoint', { tenantId })}`);
    return reply && reply.text;
  }

  /**
   * Resolves when all that was accepted so far is durable, what is under way too.
   * @throws AuditError `STORE_UNAVAILABLE` with the `events` that are not, after `timeoutMs` milliseconds at the latest.
   */
  flush({ timeoutMs }: { timeoutMs?: number } = {}): Promise<void> {
    return this.#queue.flush(timeoutMs);
  }

  /**
   * Flushes, and accepts nothing more; with `timeoutMs`, gives up what is not durable by then.
   * @throws AuditError `STORE_UNAVAILABLE` with the `events` that are not durable.
   */
  async close({ timeoutMs }: { timeoutMs?: number } = {}): Promise<void> {
    await this.#queue.close(timeoutMs).finally(() => this.#closing.abort());
  }

  /** Numbers for a health endpoint. */
  stats(): QueueStats {
    return this.#queue.stats();
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

  #draft(event: AuditEvent, scope: Scope | null): SerializedEvent {
    const drafted = this.#drafter(event, scope?.origin() ?? {}, 'application');
    scope?.recorded(drafted.draft);
    return serialize(drafted, !isAbsent(event.id));
  }

  /** Who exports, as a drafter would name them: whole users are known by their ids. */
  #exporter(by: NonNullable<AuditEvent['actor']>): string {
    const probe = { action: 'audit.export', tenantId: '-', actor: by };
    const {
      actor: id,
      actorType: type,
      actorName: name,
      onBehalfOf,
    } = this.#drafter(probe, {}, 'application').draft;
    return JSON.stringify({ id, type, name, onBehalfOf });
  }

  /** Tells the platform to keep this process until an event is settled. */
  #keepAlive(settled: Promise<void>): void {
    try {
      const waitUntil: WaitUntil | null = this.#options.waitUntil ?? platformWaitUntil();
      waitUntil?.(settled);
    } catch (error) {
      this.#signals.error(error as Error); // the event is accepted all the same
    }
  }

  /** Null for what the collector says that it has not. */
  async #find(path: string): Promise<Reply | null> {
    const reply = await this.#transport.query(path, this.#closing.signal);
    if (reply.status === 404 && membersOf(reply)['status'] === 404) return null;
    return assertAnswered(reply);
  }

  async #ask(path: string): Promise<Reply> {
    const reply = assertAnswered(await this.#transport.query(path, this.#closing.signal));
    if (!isObject(reply.json)) throw notOurs(reply);
    return reply;
  }
}

/** Members of an export's query that the collector knows by other names. */
const EXPORT_NAMES = { includeChainProof: 'proof' };

function assertAnswered(reply: Reply): Reply {
  if (reply.status === 200) return reply;
  throw queryError(reply);
}

function membersOf({ json }: Reply): Record<string, unknown> {
  return isObject(json) ? json : {};
}

function notOurs({ status }: Reply): AuditError {
  return unreachable(ASKED, new Error(`the answer with status ${status} is none of its own`));
}

/** A URL takes `.` and `..` for folders, however they are written. */
function isPath(id: unknown): boolean {
  return typeof id === 'string' && id !== '' && id !== '.' && id !== '..';
}

function noTransaction(): AuditError {
  const mend = 'record it after the commit';
  return new AuditError(
    'INVALID_OPTIONS',
    `A client has no transaction that \`session\` could be of: ${mend}.`,
  );
}
