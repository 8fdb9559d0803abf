import type { mongo } from 'mongoose';
import type { Document } from './documents';
import { type Filter, PORTION, type Work, type WriteOptions } from './work';

/** One of the writes of a batch, such as `{ updateOne: { filter, update } }`. */
export type BulkOp = Record<string, BulkBody>;

interface BulkBody extends WriteOptions {
  filter?: Filter;
  document?: Record<string, unknown>;
}

type RawResult = Omit<mongo.BulkWriteResult, 'getRawResponse'> & {
  constructor: new (raw: object, isOrdered: boolean) => mongo.BulkWriteResult;
  getRawResponse(): RawCounts;
};

interface RawCounts extends Record<string, unknown> {
  insertedIds: Indexed[];
  upserted: Indexed[];
  writeErrors: unknown[];
  writeConcernErrors: unknown[];
}

interface Indexed {
  index: number;
  _id: unknown;
}

/** What the driver throws when some writes of a batch were refused. */
export type BulkError = mongo.MongoBulkWriteError & {
  constructor: new (error: object, result: mongo.BulkWriteResult) => BulkError;
};

const COUNTS = ['nInserted', 'nUpserted', 'nMatched', 'nModified', 'nRemoved'] as const;

/** What has come of a part of a batch, and where its writes are in the batch. */
interface PartResult {
  place: (index: number) => number;
  result: mongo.BulkWriteResult;
}

/** Some writes of a batch. */
export interface BulkWrite {
  ops: readonly BulkOp[];
  options: WriteOptions;
  makeId: () => unknown;
  offset?: number;
  goesOn?: boolean;
}

/** The writes of a batch that were refused, as an error of the driver tells; none in any other error. */
function refusalsIn(error: unknown): { index: number; refusal: object }[] {
  const { writeErrors, result } = error as { writeErrors?: unknown; result?: unknown };
  if (typeof (result as RawResult | undefined)?.getRawResponse !== 'function') return [];
  const refusals = (Array.isArray(writeErrors) ? writeErrors : [writeErrors]) as (
    { index: number } | undefined
  )[];
  return refusals.flatMap((refusal) => (refusal ? [{ index: refusal.index, refusal }] : []));
}

/** What came of a batch: the results of its parts, and its writes that were refused. */
export interface BulkOutcome {
  parts: PartResult[];
  refusals: { index: number; refusal: object }[];
  /** The driver's error of the first of them. */
  error?: BulkError;
}

/**
 * Runs writes of a batch, in their order.
 * @param offset where the first of them is in the batch
 * @param goesOn whether the others are written, where one was refused
 * @throws what the driver says of the first that is refused, unless it goes on
 */
export async function runBulk(
  work: Work,
  { ops, options, makeId, offset = 0, goesOn = false }: BulkWrite,
): Promise<BulkOutcome> {
  const outcome: BulkOutcome = { parts: [], refusals: [] };
  const run = async (first: number, portion: BulkOp[], before: Document[], ids: unknown[]): Promise<void> => {
    const place = (index: number): number => (portion.length === 1 ? first : first + index);
    const write = () => work.parts.native.bulkWrite(portion as never, work.within(options));
    try {
      const result = await work.observe(before, ids, write, ({ upsertedIds }) => Object.values(upsertedIds));
      outcome.parts.push({ place, result });
    } catch (error) {
      const refusals = refusalsIn(error);
      for (const { refusal } of refusals) renumber(refusal, place);
      if (!goesOn || refusals.length === 0) throw error;
      outcome.error ??= error as BulkError;
      outcome.refusals.push(...refusalsIn(error));
      outcome.parts.push({ place, result: (error as BulkError).result });
    }
  };
  for (let begin = 0; begin < ops.length;) {
    const known = knownIds(ops, begin, makeId);
    const portion = ops.slice(begin, begin + known.length);
    if (portion.length > 0) {
      const areNew = work.parts.isAtomic && portion.every((op) => op['insertOne']);
      await run(offset + begin, portion, areNew ? [] : await work.byIds(known), known);
      begin += portion.length;
      continue;
    }
    const [name, body] = Object.entries(ops[begin] as BulkOp)[0] as [string, BulkBody];
    const filter = body.filter ?? {};
    const pieces = name.endsWith('Many') ? work.all(filter, body) : [await work.one(filter, body)];
    for await (const piece of pieces)
      await run(offset + begin, [{ [name]: { ...body, filter: piece.filter } }], piece.before, []);
    begin++;
  }
  return outcome;
}

/**
 * Runs a batch whose parts are transactions of their own, where one of all of them was refused: a transaction takes back
 * what was written before the refused write, which a batch keeps.
 * @param attempt runs the writes from the first to before the second number as one transaction
 */
export async function runInParts(
  count: number,
  isOrdered: boolean,
  attempt: (begin: number, end: number) => Promise<BulkOutcome>,
): Promise<BulkOutcome> {
  const outcome: BulkOutcome = { parts: [], refusals: [] };
  const ranges: [begin: number, end: number][] = [[0, count]];
  for (let range = ranges.shift(); range; range = ranges.shift()) {
    const [begin, end] = range;
    try {
      outcome.parts.push(...(await attempt(begin, end)).parts);
    } catch (error) {
      const [refused] = refusalsIn(error);
      if (!refused) throw error;
      if (end - begin === 1) {
        outcome.error ??= error as BulkError;
        outcome.refusals.push(refused);
        if (isOrdered) break;
        continue;
      }
      const at = Math.min(Math.max(refused.index, begin), end - 1);
      const parts: typeof ranges = [
        [begin, at],
        [at, at + 1],
        [at + 1, end],
      ];
      ranges.unshift(...parts.filter(([from, to]) => from < to));
    }
  }
  return outcome;
}

/**
 * The driver's answer to the whole batch.
 * @throws the driver's error, where writes were refused
 */
export function bulkResult(outcome: BulkOutcome, isOrdered: boolean): mongo.BulkWriteResult | undefined {
  const { parts, refusals, error } = outcome;
  if (!error) return parts.length > 1 ? merged(parts, [], isOrdered) : parts[0]?.result;
  const own = [
    ...parts,
    ...(parts.length === 0 ? [{ place: (index: number) => index, result: error.result }] : []),
  ];
  const writeErrors = refusals.map(({ refusal }) => refusal);
  const { constructor: Failure, message, code } = error;
  throw new Failure({ message, code, writeErrors }, merged(own, writeErrors, isOrdered));
}

function merged(
  parts: readonly PartResult[],
  writeErrors: object[],
  isOrdered: boolean,
): mongo.BulkWriteResult {
  const sum: RawCounts = { ok: 1, writeErrors, writeConcernErrors: [], insertedIds: [], upserted: [] };
  for (const name of COUNTS) sum[name] = 0;
  for (const { place, result } of parts) {
    const raw = (result as unknown as RawResult).getRawResponse();
    for (const name of COUNTS) sum[name] = Number(sum[name]) + Number(raw[name] ?? 0);
    for (const [index, _id] of Object.entries(result.insertedIds))
      sum.insertedIds.push({ index: place(Number(index)), _id });
    sum.upserted.push(...raw.upserted.map(({ index, _id }) => ({ index: place(index), _id })));
    sum.writeConcernErrors.push(...raw.writeConcernErrors);
  }
  const { constructor: Result } = (parts[0] as PartResult).result as unknown as RawResult;
  return new Result(sum, isOrdered);
}

function renumber(refusal: object, place: (index: number) => number): void {
  const { err } = refusal as { err?: { index: number } };
  if (err) err.index = place(err.index);
}

/** The ids of the documents that the next writes may change, up to one that does not say so. */
function knownIds(ops: readonly BulkOp[], begin: number, makeId: () => unknown): unknown[] {
  const ids: unknown[] = [];
  for (const op of ops.slice(begin, begin + PORTION)) {
    const id = knownId(op, makeId);
    if (id === undefined) break;
    ids.push(id);
  }
  return ids;
}

/** The id of the only document that a write may change, if it says so; an inserted one is given one. */
function knownId(op: BulkOp, makeId: () => unknown): unknown {
  const inserted = op['insertOne'];
  if (inserted) {
    const document = inserted.document ?? inserted;
    return (document['_id'] ??= makeId());
  }
  const [name, body] = Object.entries(op)[0] as [string, BulkBody];
  if (name.endsWith('Many') || body['collation'] !== undefined) return undefined;
  const id = body.filter?.['_id'];
  return isLiteral(id) ? id : undefined;
}

/** Whether a value in a filter stands for itself, and is neither a pattern nor made of operators. */
function isLiteral(value: unknown): boolean {
  if (value === undefined || value === null || value instanceof RegExp) return false;
  if (typeof value !== 'object' || '_bsontype' in value) return true;
  return value instanceof Date || ArrayBuffer.isView(value);
}
