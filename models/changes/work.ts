import type { ClientSession, Connection, mongo } from 'mongoose';
import { AuditError } from '../../lib/errors';
import type { Document, Serialize } from './documents';

export type Filter = Record<string, unknown>;
export type WriteOptions = Record<string, unknown>;

/** The collection as Mongoose hands it commands: it waits for the connection, and tells who listens to operations. */
export type Native = mongo.Collection & { readonly conn: Connection; readonly buffer: boolean };

/** Documents that one command reads, changes and records. What is larger is taken in portions. */
export const PORTION = 1_000;

/** Ids of one write that are held in memory. */
const MOST = 1_000_000;

/** How long a transaction that takes several portions may run, in milliseconds: servers end one after a minute. */
const LONGEST = 50_000;

/** Options of a write that also say which documents it finds. */
const READING = ['collation', 'hint', 'let', 'sort', 'maxTimeMS'] as const;

/** No write concern, by the names that it has in options. */
const UNCONCERNED = {
  writeConcern: undefined,
  w: undefined,
  j: undefined,
  journal: undefined,
  wtimeout: undefined,
  wtimeoutMS: undefined,
};

/** Told what a write has made of documents: the same ids, where one was there. */
export type Report = (before: readonly Document[], after: readonly Document[]) => Promise<void>;

/** What a write works with. */
export interface WorkParts {
  native: Native;
  /** The name of the model, for errors. */
  model: string;
  session: ClientSession | undefined;
  /** Whether what is read and written is one transaction. */
  isAtomic: boolean;
  /** Whether the transaction is ours, and is to end before the server ends it. */
  isOwn: boolean;
  report: Report;
  serialize: Serialize;
}

/** One piece of a write: the documents that it is certain to find, and the filter that finds those alone. */
export interface Piece {
  before: Document[];
  filter: Filter;
}

/** Reads what a write is about to change, and what it has changed. */
export class Work {
  private readonly startedAt = performance.now();
  /** Whether it takes several portions. */
  isLarge = false;

  constructor(readonly parts: WorkParts) {}

  /** The options of a command, in the session of this work. A write concern is that of the whole transaction. */
  within(options: WriteOptions): WriteOptions {
    const { session } = this.parts;
    if (!session) return { ...options };
    return session.inTransaction() ? { ...options, ...UNCONCERNED, session } : { ...options, session };
  }

  /**
   * Writes, and reports what became of the documents.
   * @param before those that it may change
   * @param ids others that it may change or make, as far as they are known
   * @param idsIn those that are known from its result
   */
  async observe<Result>(
    before: readonly Document[],
    ids: readonly unknown[],
    write: () => Promise<Result>,
    idsIn: (result: Result) => readonly unknown[] = () => [],
  ): Promise<Result> {
    const known = [...before.map(({ _id }) => _id), ...ids];
    let result: Result;
    try {
      result = await write();
    } catch (error) {
      // Of a batch some may have been written; in a transaction nothing was.
      if (!this.parts.isAtomic) await this.report(before, known).catch(() => undefined);
      throw error;
    }
    await this.report(before, [...known, ...idsIn(result)]);
    return result;
  }

  /**
   * Reports what documents were, and are.
   * @param ids those that a write may have changed or made
   * @returns the documents as they are now
   */
  async report(before: readonly Document[], ids: readonly unknown[]): Promise<readonly Document[]> {
    if (ids.length === 0) return [];
    const after = await this.byIds(ids);
    await this.parts.report(before, after);
    return after;
  }

  /** Whether two states of a document are the same to the last byte. */
  isSame(one: Document, other: Document): boolean {
    return Buffer.from(this.parts.serialize(one)).equals(this.parts.serialize(other));
  }

  /** The first document that a filter finds, and the filter that finds no other. */
  async one(filter: Filter, options: WriteOptions): Promise<Piece> {
    const before = await this.find(filter, { ...reading(options), limit: 1 });
    return { before, filter: this.narrowed(filter, before, options) };
  }

  /**
   * All documents that a filter finds, in portions.
   * @throws AuditError `TOO_MANY_CHANGES` where one transaction cannot reach them all.
   */
  async *all(filter: Filter, options: WriteOptions): AsyncGenerator<Piece> {
    const found = await this.find(filter, { ...reading(options), limit: PORTION + 1 });
    if (found.length <= PORTION) {
      yield { before: found, filter: this.narrowed(filter, found, options) };
      return;
    }
    this.isLarge = true;
    const ids = await this.idsOf(filter, options);
    for (let begin = 0; begin < ids.length; begin += PORTION) {
      this.assertInTime(begin, ids.length);
      const portion = ids.slice(begin, begin + PORTION);
      const before = await this.byIds(portion);
      yield { before, filter: this.narrowed(filter, before, options) };
    }
  }

  async byIds(ids: readonly unknown[]): Promise<Document[]> {
    return ids.length === 0 ? [] : this.find({ _id: ids.length === 1 ? ids[0] : { $in: ids } }, {});
  }

  private async find(filter: Filter, options: WriteOptions): Promise<Document[]> {
    const { native } = this.parts;
    const primary = this.parts.session?.inTransaction() ? {} : { readPreference: 'primary' };
    // While it is not connected, Mongoose gives a promise of the cursor.
    const cursor = await Promise.resolve(
      native.find(filter as never, this.within({ ...primary, batchSize: PORTION + 1, ...options }) as never),
    );
    return await cursor.toArray();
  }

  private async idsOf(filter: Filter, options: WriteOptions): Promise<unknown[]> {
    const { native } = this.parts;
    const read = this.within({ ...reading(options), projection: { _id: 1 }, batchSize: 10 * PORTION });
    const ids: unknown[] = [];
    for await (const { _id } of native.find(filter as never, read as never)) {
      if (ids.push(_id) > MOST) throw this.tooMany(`more than ${MOST}`);
    }
    return ids;
  }

  /**
   * Outside of a transaction another document could be found meanwhile, and its change would be recorded nowhere. A collation
   * would compare the ids, too.
   */
  private narrowed(filter: Filter, found: readonly Document[], options: WriteOptions): Filter {
    const ids = found.map(({ _id }) => _id);
    if (options['collation'] !== undefined) return filter;
    if (ids.length === 0)
      return options['upsert'] || this.parts.isAtomic ? filter : { ...filter, _id: { $in: [] } };
    return { ...filter, _id: ids.length === 1 ? ids[0] : { $in: ids } };
  }

  private assertInTime(done: number, all: number): void {
    if (!this.parts.isOwn || performance.now() - this.startedAt < LONGEST) return;
    throw this.tooMany(`${all}, and changed ${done} in ${LONGEST / 1000} s`);
  }

  /** @param found how many documents */
  tooMany(found: string, cause?: unknown): AuditError {
    const mend = 'write less at a time, by a narrower filter, or set `atomic: false`';
    const what = `A write to ${this.parts.model} found ${found} documents, which one transaction does not reach`;
    return new AuditError('TOO_MANY_CHANGES', `${what}, and nothing was written: ${mend}.`, {
      cause,
    });
  }
}

function reading(options: WriteOptions): WriteOptions {
  return Object.fromEntries(
    READING.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
}
