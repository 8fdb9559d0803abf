import type { bulkResult, BulkOp } from './bulk';
import type { Document } from './documents';
import type { Filter, Work, WriteOptions } from './work';

type Result = Record<string, unknown>;
type Call = (filter: Filter, ...rest: unknown[]) => Promise<Result>;

/** What the driver does with one document or all that a filter finds, by the names of its methods. */
const SINGLE = ['updateOne', 'replaceOne', 'deleteOne'] as const;
const MULTIPLE = ['updateMany', 'deleteMany'] as const;
const FINDING = ['findOneAndUpdate', 'findOneAndReplace', 'findOneAndDelete'] as const;
type Single = (typeof SINGLE)[number];
type Finding = (typeof FINDING)[number];
/** The same write by a command that gives the document. */
const FINDS: Readonly<Record<Single, Finding>> = {
  updateOne: 'findOneAndUpdate',
  replaceOne: 'findOneAndReplace',
  deleteOne: 'findOneAndDelete',
};
/** Options that decide what a command gives of a document, and in which types. */
const PARTIAL = {
  ...{ projection: undefined, fields: undefined, raw: undefined, promoteBuffers: undefined },
  ...{ promoteLongs: undefined, promoteValues: undefined, useBigInt64: undefined, bsonRegExp: undefined },
} as const;
/** Have a command give a document as it was, like any other that is read. */
const WHOLE = { ...PARTIAL, returnDocument: 'before', includeResultMetadata: true } as const;
const DELETING: ReadonlySet<string> = new Set(['deleteOne', 'deleteMany', 'findOneAndDelete']);

/** The writes of the driver's that batches are made of. */
export const BATCHES: ReadonlySet<string> = new Set(['insertMany', 'bulkWrite']);

/** All methods of the driver's by which Mongoose writes documents. */
export const WRITES: ReadonlySet<string> = new Set([
  ...SINGLE,
  ...MULTIPLE,
  ...FINDING,
  ...BATCHES,
  'insertOne',
]);

/** Where the options of a write are among its arguments. */
export function optionsAt(method: string): number {
  return DELETING.has(method) || BATCHES.has(method) || method === 'insertOne' ? 1 : 2;
}

/** Carries out one write that is no batch, with the result that the driver would have given. */
export async function runWrite(work: Work, method: string, args: readonly unknown[]): Promise<unknown> {
  const at = optionsAt(method);
  const options = (args[at] ?? {}) as WriteOptions;
  const [first, ...rest] = args.slice(0, at);
  const call = (work.parts.native as unknown as Record<string, Call>)[method] as Call;
  const run = (filter: unknown, own: WriteOptions = {}): Promise<Result> =>
    Reflect.apply(call, work.parts.native, [
      filter,
      ...rest,
      work.within({ ...options, ...own }),
    ]) as Promise<Result>;
  if (method === 'insertOne')
    return work.observe(
      [],
      [],
      () => run(first),
      ({ insertedId }) => [insertedId],
    );
  const filter = (first ?? {}) as Filter;
  if (includes(MULTIPLE, method)) return runMultiple(work, filter, options, run);
  const change = rest[0];
  if (isFinding(method))
    return canGiveBefore(work, options)
      ? runFindingOne(work, method, { filter, change, options })
      : runFinding(work, filter, options, run);
  if (isSingle(method) && work.parts.isAtomic && options['hint'] === undefined)
    return runSingle(work, method, { filter, change, options });
  const piece = await work.one(filter, options);
  return work.observe(piece.before, [], () => run(piece.filter), upserted);
}

/** A write of one document, as the driver takes it. */
interface OneWrite {
  filter: Filter;
  /** The update, or what is put in its place. */
  change: unknown;
  options: WriteOptions;
}

/** What came of one document: as it was and as it is, null where there was or is none. */
interface OneChange {
  answer: Result;
  before: Document | null;
  after: Document | null;
  upserted: readonly unknown[];
}

/** Writes one document in a transaction by a command that gives what it was. */
async function changeOne(
  work: Work,
  method: Finding,
  { filter, change, options }: OneWrite,
): Promise<OneChange> {
  const settings = work.within({ ...options, ...WHOLE });
  const args = [filter, ...(DELETING.has(method) ? [] : [change]), settings];
  const call = (work.parts.native as unknown as Record<string, Call>)[method] as Call;
  const answer = (await Reflect.apply(call, work.parts.native, args)) as Result;
  const before = (answer['value'] ?? null) as Document | null;
  const upserted = before ? [] : upsertedIn(answer);
  const [after = null] = before ? await work.report([before], [before._id]) : await work.report([], upserted);
  return { answer, before, after, upserted };
}

/** With the result that the driver gives for the same write by its own command. */
async function runSingle(work: Work, method: Single, write: OneWrite): Promise<Result> {
  const { before, after, upserted } = await changeOne(work, FINDS[method], write);
  const count = before ? 1 : 0;
  if (method === 'deleteOne') return { acknowledged: true, deletedCount: count };
  const isModified = before && after && !work.isSame(before, after);
  return {
    acknowledged: true,
    matchedCount: count,
    modifiedCount: isModified ? 1 : 0,
    upsertedCount: upserted.length,
    upsertedId: upserted[0] ?? null,
  };
}

async function runFindingOne(work: Work, method: Finding, write: OneWrite): Promise<unknown> {
  const { answer, before, after } = await changeOne(work, method, write);
  const { returnDocument, includeResultMetadata } = write.options;
  const value = returnDocument === 'after' ? after : before;
  return includeResultMetadata === true ? { ...answer, value } : value;
}

/** Whether a command that gives the whole document as it was tells all that the caller asks for. */
function canGiveBefore(work: Work, options: WriteOptions): boolean {
  return work.parts.isAtomic && Object.keys(PARTIAL).every((name) => options[name] === undefined);
}

async function runFinding(
  work: Work,
  filter: Filter,
  options: WriteOptions,
  run: (filter: unknown, own: WriteOptions) => Promise<Result>,
): Promise<unknown> {
  const piece = await work.one(filter, options);
  const whole = () => run(piece.filter, { includeResultMetadata: true });
  const answer = await work.observe(piece.before, [], whole, upsertedIn);
  return options['includeResultMetadata'] === true ? answer : answer['value'];
}

/** An upsert of a command that finds tells whom it made only in the whole answer of the database. */
function upsertedIn({ lastErrorObject }: Result): readonly unknown[] {
  const { upserted } = (lastErrorObject ?? {}) as { upserted?: unknown };
  return upserted === undefined ? [] : [upserted];
}

async function runMultiple(
  work: Work,
  filter: Filter,
  options: WriteOptions,
  run: (filter: unknown) => Promise<Result>,
): Promise<Result> {
  let sum: Result | undefined;
  for await (const piece of work.all(filter, options)) {
    const result = await work.observe(piece.before, [], () => run(piece.filter), upserted);
    sum = sum ? added(sum, result) : result;
  }
  return sum as Result;
}

function upserted({ upsertedId }: Result): unknown[] {
  return upsertedId === undefined || upsertedId === null ? [] : [upsertedId];
}

function added(sum: Result, result: Result): Result {
  const counts = Object.entries(sum).filter(
    ([name, value]) => name.endsWith('Count') && typeof value === 'number',
  );
  return {
    ...result,
    ...Object.fromEntries(counts.map(([name, value]) => [name, Number(value) + Number(result[name])])),
  };
}

/** The writes of a batch. */
export function opsOf(method: string, documents: unknown): BulkOp[] {
  const list = documents as readonly Record<string, unknown>[];
  return method === 'insertMany'
    ? list.map((document) => ({ insertOne: { document } }))
    : (list as unknown as BulkOp[]);
}

/** The driver's answer to a batch. */
export function batchResult(method: string, result: ReturnType<typeof bulkResult>): unknown {
  if (method !== 'insertMany' || !result) return result;
  const { insertedCount, insertedIds } = result;
  return { acknowledged: true, insertedCount, insertedIds };
}

function includes(names: readonly string[], name: string): boolean {
  return names.includes(name);
}

function isFinding(name: string): name is Finding {
  return includes(FINDING, name);
}

function isSingle(name: string): name is Single {
  return includes(SINGLE, name);
}
