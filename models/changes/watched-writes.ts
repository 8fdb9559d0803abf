import type { bulkResult, BulkOp } from './bulk';
import type { Filter, Work, WriteOptions } from './work';

type Result = Record<string, unknown>;
type Call = (filter: Filter, ...rest: unknown[]) => Promise<Result>;

/** What the driver does with one document or all that a filter finds, by the names of its methods. */
const SINGLE = ['updateOne', 'replaceOne', 'deleteOne'] as const;
const MULTIPLE = ['updateMany', 'deleteMany'] as const;
const FINDING = ['findOneAndUpdate', 'findOneAndReplace', 'findOneAndDelete'] as const;
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
  if (includes(FINDING, method)) return runFinding(work, filter, options, run);
  if (includes(MULTIPLE, method)) return runMultiple(work, filter, options, run);
  const piece = await work.one(filter, options);
  const [before] = piece.before;
  if (method === 'updateOne' && before && work.parts.isAtomic) {
    const settings = work.within({ ...options, returnDocument: 'after', includeResultMetadata: true });
    return work.changeOne(before, () => {
      const { native } = work.parts;
      return native.findOneAndUpdate(piece.filter, rest[0] as never, settings as never);
    });
  }
  return work.observe(piece.before, [], () => run(piece.filter), upserted);
}

/** An upsert tells whom it made only in the whole answer of the database. */
async function runFinding(
  work: Work,
  filter: Filter,
  options: WriteOptions,
  run: (filter: unknown, own: WriteOptions) => Promise<Result>,
): Promise<unknown> {
  const piece = await work.one(filter, options);
  const idsIn = ({ lastErrorObject }: Result) => {
    const { upserted } = (lastErrorObject ?? {}) as { upserted?: unknown };
    return upserted === undefined ? [] : [upserted];
  };
  const whole = () => run(piece.filter, { includeResultMetadata: true });
  const answer = await work.observe(piece.before, [], whole, idsIn);
  return options['includeResultMetadata'] === true ? answer : answer['value'];
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
