import type { ClientSession, Model } from 'mongoose';
import { type Audit, ledgerOf } from '../../lib/audit';
import type { AuditEvent } from '../../lib/event/event';
import type { Ledger } from '../../lib/ledger';
import { currentScope, type Scope } from '../../lib/scope';
import type { Stash } from '../../lib/write/outbox';
import { afterCommit } from '../store/outbox';
import { newId } from '../../lib/event/id';
import { bulkResult, runBulk, runInParts } from './bulk';
import { type Document, idKey, type Serialize, valueAt } from './documents';
import { hasTransactions } from './has-transactions';
import type { AnySchema } from './hidden-paths';
import type { Change, ChangeOptions } from './options';
import { subjectOf } from './subjects';
import { View } from './views';
import { BATCHES, batchResult, opsOf, optionsAt, runWrite } from './watched-writes';
import { type Native, PORTION, type Report, Work, type WriteOptions } from './work';

/** A change, and the document that it is of. */
interface FoundChange {
  id: unknown;
  change: Change;
  tenantId?: AuditEvent['tenantId'];
}

/** What a server answers when it has ended a transaction that was too long or too large for it. */
const OUT_OF_REACH: ReadonlySet<unknown> = new Set([225, 251, 257, 290]);

const WRITE_CONFLICT = 112;

/** Events of a document that one of its next names as those before it, the newest. */
const FOLLOWED = 100;

/** Carries out the writes of one model, and records what has become of each document. */
export class ChangeRecorder {
  private view: View | undefined;
  private viewed = 0;
  private readonly prepared = new WeakSet();

  constructor(
    private readonly model: Model<never>,
    private readonly options: ChangeOptions,
    private readonly sharedAudit: () => Audit,
  ) {}

  /** Carries out a write as the driver does, with the same result and the same errors. */
  async write(native: Native, method: string, args: readonly unknown[]): Promise<unknown> {
    const options = (args[optionsAt(method)] ?? {}) as WriteOptions;
    const scope = currentScope();
    const { ledger } = this;
    const session = (options['session'] ?? undefined) as ClientSession | undefined;
    if (native.buffer) await native.findOne({ _id: null as never }, { projection: { _id: 1 } });
    const connection = native.conn;
    const run = new Run(this, { native, method, args, options, ledger, scope });
    if (session?.inTransaction()) {
      return ledger.takesSession(session) ? run.inTransaction(session) : run.besideTransaction(session);
    }
    const isAtomic = this.options.atomic !== false && (await hasTransactions(connection));
    if (!isAtomic) return run.beside(session);
    const own = session ?? (await connection.startSession());
    try {
      if (!ledger.takesSession(own)) return await run.beside(session);
      await ledger.recording.ready();
      await this.prepare(native);
      return await run.inOwnTransaction(own);
    } finally {
      if (!session) await own.endSession();
    }
  }

  /** Where the changes are recorded. */
  get ledger(): Ledger {
    const { audit } = this.options;
    return ledgerOf(typeof audit === 'function' ? audit() : (audit ?? this.sharedAudit()));
  }

  /** Not every server can make a collection within a transaction. */
  private async prepare(native: Native): Promise<void> {
    if (this.prepared.has(native)) return;
    const { conn, collectionName: name } = native;
    const found = await conn.db?.listCollections({ name }, { nameOnly: true }).toArray();
    if (found?.length === 0)
      await (conn === this.model.db ? this.model.createCollection() : conn.createCollection(name));
    this.prepared.add(native);
  }

  get name(): string {
    return this.model.modelName;
  }

  /** Makes BSON of the driver that the model's documents come from: there may be several. */
  readonly serialize: Serialize = (document) => this.model.base.mongo.BSON.serialize(document);

  readonly makeId = (): unknown => new this.model.base.mongo.ObjectId();

  /** What has changed, as far as it is recorded. */
  changes(before: readonly Document[], after: readonly Document[]): FoundChange[] {
    const view = this.currentView();
    const keyOf = (id: unknown) => idKey(id, this.serialize);
    const pairs = new Map<string, { before: Document | null; after: Document | null }>();
    for (const document of before) pairs.set(keyOf(document._id), { before: document, after: null });
    for (const document of after) {
      const key = keyOf(document._id);
      pairs.set(key, { before: pairs.get(key)?.before ?? null, after: document });
    }
    return [...pairs.values()].flatMap(({ before, after }) => {
      const change = view.change(before, after, this.serialize);
      const { _id: id } = (after ?? before) as Document;
      return change ? [{ id, change, ...this.tenantIn(after ?? before) }] : [];
    });
  }

  /** The event of a change. */
  event({ id, change, tenantId }: FoundChange, scope: Scope | null, isAtomic: boolean): AuditEvent {
    const { name, action, actor } = this.options;
    const { before, after, changed, kind } = change;
    const own = typeof actor === 'function' ? actor() : actor;
    return {
      action: typeof action === 'function' ? action(change) : (action ?? `${name}.${kind}`),
      ...(tenantId !== undefined && tenantId !== null && { tenantId }),
      ...(own !== undefined && scope?.origin().actor === undefined && { actor: own }),
      resource: { id: id as string, type: name },
      before,
      after,
      metadata: { changed, ...(!isAtomic && { atomic: false }) },
    };
  }

  private tenantIn(document: Document | null): { tenantId?: AuditEvent['tenantId'] } {
    const { tenant } = this.options;
    if (tenant === undefined || !document) return {};
    const tenantId = typeof tenant === 'function' ? tenant(document) : valueAt(document, tenant);
    return { tenantId: tenantId as AuditEvent['tenantId'] };
  }

  /** Discriminators may be added later. */
  private currentView(): View {
    const { schema, discriminators } = this.model as unknown as Discriminated;
    const schemas = [schema, ...Object.values(discriminators ?? {}).map((model) => model.schema)];
    if (!this.view || this.viewed !== schemas.length) this.view = new View(this.options, schemas);
    this.viewed = schemas.length;
    return this.view;
  }
}

interface Discriminated {
  schema: AnySchema;
  discriminators?: Record<string, { schema: AnySchema }> | null;
}

interface RunParts {
  native: Native;
  method: string;
  args: readonly unknown[];
  options: WriteOptions;
  ledger: Ledger;
  scope: Scope | null;
}

/** One write, in whichever way it can be recorded. */
class Run {
  constructor(
    private readonly recorder: ChangeRecorder,
    private readonly parts: RunParts,
  ) {}

  /** The events are part of the caller's transaction. */
  async inTransaction(session: ClientSession): Promise<unknown> {
    return this.answer(this.work(session, true, (before, after) => this.stash(session, before, after)));
  }

  /** The ledger is elsewhere: what is committed is recorded then. */
  async besideTransaction(session: ClientSession): Promise<unknown> {
    const { ledger, scope } = this.parts;
    const batch = ledger.batchIn(scope);
    const report: Report = (before, after) => {
      for (const found of this.recorder.changes(before, after))
        batch.event(this.recorder.event(found, scope, false));
      return Promise.resolve();
    };
    const answer = await this.answer(this.work(session, true, report));
    afterCommit(session, newId(), () => {
      batch.commit().catch((error: unknown) => ledger.report(error as Error));
    });
    return answer;
  }

  /** The write, and then its events. */
  async beside(session: ClientSession | undefined): Promise<unknown> {
    const { ledger, scope } = this.parts;
    const report: Report = async (before, after) => {
      const batch = ledger.batchIn(scope);
      for (const found of this.recorder.changes(before, after))
        batch.event(this.recorder.event(found, scope, false));
      if (batch.size > 0) await batch.commit();
    };
    return this.answer(this.work(session, false, report), this.parts.options['ordered'] === false);
  }

  /** The write and its events are a transaction of their own. */
  async inOwnTransaction(session: ClientSession): Promise<unknown> {
    const { method, args, options } = this.parts;
    if (!BATCHES.has(method)) return this.transaction(session, (work) => runWrite(work, method, args));
    const ops = opsOf(method, args[0]);
    const isOrdered = options['ordered'] !== false;
    const { makeId } = this.recorder;
    const outcome = await runInParts(ops.length, isOrdered, (begin, end) =>
      this.transaction(session, (work) =>
        runBulk(work, { ops: ops.slice(begin, end), options, makeId, offset: begin }),
      ),
    );
    return batchResult(method, bulkResult(outcome, isOrdered));
  }

  private async transaction<Result>(
    session: ClientSession,
    run: (work: Work) => Promise<Result>,
  ): Promise<Result> {
    const { options } = this.parts;
    const writeConcern = { ...writeConcernIn(options), w: 'majority' } as const;
    let result: Result | undefined;
    const settings = { readConcern: { level: 'snapshot' }, writeConcern, readPreference: 'primary' } as const;
    await session.withTransaction(async () => {
      const report: Report = (before, after) => this.stash(session, before, after);
      const work = this.work(session, true, report, true);
      try {
        result = await run(work);
      } catch (error) {
        if (work.isLarge && OUT_OF_REACH.has((error as { code?: unknown }).code))
          throw work.tooMany(`${PORTION} or more`, error);
        throw toTransient(error);
      }
    }, settings);
    return result as Result;
  }

  private work(session: ClientSession | undefined, isAtomic: boolean, report: Report, isOwn = false): Work {
    const { native } = this.parts;
    const { name: model, serialize } = this.recorder;
    return new Work({ native, model, session, isAtomic, isOwn, report, serialize });
  }

  private async answer(work: Work, goesOn = false): Promise<unknown> {
    const { method, args, options } = this.parts;
    if (!BATCHES.has(method)) return runWrite(work, method, args);
    const { makeId } = this.recorder;
    const outcome = await runBulk(work, { ops: opsOf(method, args[0]), options, makeId, goesOn });
    return batchResult(method, bulkResult(outcome, options['ordered'] !== false));
  }

  /** Writes the events in the transaction of the session: one for each document, however often that changes it. */
  private async stash(
    session: ClientSession,
    before: readonly Document[],
    after: readonly Document[],
  ): Promise<void> {
    const found = this.recorder.changes(before, after);
    for (let begin = 0; begin < found.length; begin += PORTION)
      await this.stashPortion(session, found.slice(begin, begin + PORTION), after);
  }

  private subjectOf(id: unknown): string {
    const { conn, collectionName } = this.parts.native;
    return subjectOf(`${conn.name}.${collectionName}`, id, this.recorder.serialize);
  }

  private async stashPortion(
    session: ClientSession,
    found: FoundChange[],
    after: readonly Document[],
  ): Promise<void> {
    const { ledger, scope } = this.parts;
    const { recorder } = this;
    const { recording } = ledger;
    const subjects = found.map(({ id }) => this.subjectOf(id));
    const seen = await recording.subjects(subjects, session);
    const own = new Map(seen.flatMap(({ isOwn, subject, key }) => (isOwn ? [[subject, key] as const] : [])));
    const others = new Map<string, string[]>();
    for (const { isOwn, subject, key } of seen)
      if (!isOwn) others.set(subject, [...(others.get(subject) ?? []), key]);
    const again = found.filter((_, i) => own.has(subjects[i] as string)).map(({ id }) => id);
    const whole = again.length === 0 ? found : await this.sinceTheBeginning(found, again, after);
    const stashes = whole.map((one, i): Stash => {
      const subject = subjects[i] as string;
      const follows = (others.get(subject) ?? []).sort().slice(-FOLLOWED); // each of these follows those before it
      const drafted = one && ledger.draft(recorder.event(one, scope, true), scope);
      return { subject, drafted, replaces: own.get(subject), follows };
    });
    await recording.stashChanges(stashes, session);
  }

  /**
   * What the whole transaction has made of documents that it had changed before. What they were when it began is what everybody
   * else still sees: nobody can commit another change of theirs meanwhile.
   */
  private async sinceTheBeginning(
    found: readonly FoundChange[],
    again: readonly unknown[],
    after: readonly Document[],
  ): Promise<(FoundChange | null)[]> {
    const { recorder } = this;
    const keyOf = (id: unknown) => idKey(id, recorder.serialize);
    const repeated = new Set(again.map(keyOf));
    const outside = await this.work(undefined, false, () => Promise.resolve()).byIds(again);
    const now = after.filter(({ _id }) => repeated.has(keyOf(_id)));
    const changes = new Map(recorder.changes(outside, now).map((one) => [keyOf(one.id), one]));
    return found.map((one) => (repeated.has(keyOf(one.id)) ? (changes.get(keyOf(one.id)) ?? null) : one));
  }
}

function writeConcernIn(options: WriteOptions): { j?: boolean; wtimeoutMS?: number } {
  const { writeConcern, j, wtimeout } = options as { writeConcern?: object; j?: boolean; wtimeout?: number };
  const { j: journal = j, wtimeout: limit = wtimeout } = (writeConcern ?? {}) as {
    j?: boolean;
    wtimeout?: number;
  };
  return { ...(journal === true && { j: true }), ...(limit !== undefined && { wtimeoutMS: limit }) };
}

/** In a batch the driver gives a conflict with another transaction as the refusal of one write. */
function toTransient(error: unknown): unknown {
  const { code, addErrorLabel } = error as { code?: unknown; addErrorLabel?: (label: string) => void };
  if (code === WRITE_CONFLICT && typeof addErrorLabel === 'function')
    addErrorLabel.call(error, 'TransientTransactionError');
  return error;
}
