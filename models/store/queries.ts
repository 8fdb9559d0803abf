import type { mongo } from 'mongoose';
import { mapConcurrently } from '../../lib/util/concurrency';
import { omitUndefined } from '../../lib/util/omit-undefined';
import type { ActionFilter, CountQuery, PageQuery, SeqRange, WalkQuery } from '../../lib/store/store';
import { prefixRange, readActionNames } from './action-names';
import { withTimeLimit } from './time-limit';
import { readAll, readAllRaw } from './cursor-batches';
import { MAJORITY_READ, READ_TIME } from './read-write-concerns';

/** A prefix with more action names than this is queried as one range. */
const MAX_NAMES = 64;

/** The filter of a query, in MongoDB's form. */
export function toMongoFilter(query: WalkQuery): mongo.Filter<mongo.Document> {
  const { tenantId, actor, action, resource, outcome, seq } = query;
  return {
    tenantId,
    ...omitUndefined({ actor, resource, outcome }),
    ...actionFilter(action),
    ...(seq && { seq: { $gte: seq.min, $lte: seq.max } }),
  };
}

function actionFilter(action: ActionFilter | undefined): object {
  if (!action) return {};
  const { name, prefix } = action;
  if (!prefix) return { action: name };
  return name === '' ? {} : { action: prefixRange(name) };
}

/** The documents of a page, as BSON bytes. */
export async function readPage(entries: mongo.Collection, query: PageQuery): Promise<Buffer[]> {
  query.signal?.throwIfAborted();
  const { action } = query;
  if (!action?.prefix || action.name === '')
    return findPage(entries, toMongoFilter(query), query, query.isDeciding && MAJORITY_READ);
  return readPrefixPage(entries, query, action.name);
}

/**
 * How many entries match a query in each range, counted up to `limit`. With one filter, its index has exactly these
 * entries. With several filters, the database also reads entries that match only some of them.
 */
export async function countEntries(
  entries: mongo.Collection,
  query: CountQuery,
  ranges: readonly SeqRange[],
  limit: number,
): Promise<number[]> {
  const { tenantId, action } = query;
  const names = action?.prefix && action.name !== '' ? await readNames(entries, tenantId, action.name) : null;
  return mapConcurrently(ranges, async (seq) => {
    if (seq.min > seq.max || names?.length === 0) return 0;
    query.signal?.throwIfAborted();
    const filter = { ...toMongoFilter({ ...query, seq }), ...(names && { action: { $in: names } }) };
    return withTimeLimit(entries.countDocuments(filter, { limit, ...READ_TIME }));
  });
}

/**
 * A page of all actions with a prefix, such as `org.`. The index has the entries of one action in the order of `seq`, but
 * not those of several actions. So this reads the names of the actions, then the first `limit` numbers of each, then the
 * entries of the page. With another filter this would be slower, so the database gets the names and the filter.
 */
async function readPrefixPage(
  entries: mongo.Collection,
  query: PageQuery,
  prefix: string,
): Promise<Buffer[]> {
  const { tenantId, actor, resource, outcome } = query;
  // Entries that are recorded after this are left out: one with a new action name would be missing between others.
  const max = await lastSeq(entries, query);
  if (max === null) return [];
  const names = await readNames(entries, tenantId, prefix);
  // Each name is a range of the index. For many names, one range for all is cheaper, though its cost grows with entries.
  if (names === null) return findPage(entries, toMongoFilter(query), query);
  if (names.length === 0) return [];
  query.signal?.throwIfAborted();
  const bounded = { ...query, seq: { min: query.seq.min, max } };
  const isOnlyFilter = [actor, resource, outcome].every((value) => value === undefined);
  const seqs = isOnlyFilter ? await firstSeqs(entries, names, bounded) : null;
  const filter = seqs
    ? { tenantId, seq: { $in: seqs } }
    : { ...toMongoFilter(bounded), action: { $in: names } };
  return findPage(entries, filter, query, MAJORITY_READ);
}

/** The `seq` of each entry on a page of these actions; null when one of them was altered and is not a number. */
async function firstSeqs(
  entries: mongo.Collection,
  names: readonly string[],
  { tenantId, order, limit: $limit, seq }: PageQuery,
): Promise<number[] | null> {
  const $sort = { seq: order === 'asc' ? 1 : -1 } as const;
  const [first = [], ...others] = names.map((action) => [
    { $match: { ...toMongoFilter({ tenantId, seq }), action } },
    { $sort },
    { $limit },
    { $project: { _id: 0, seq: 1 } },
  ]);
  const unions = others.map((pipeline) => ({ $unionWith: { coll: entries.collectionName, pipeline } }));
  const merged = entries.aggregate([...first, ...unions, { $sort }, { $limit }], {
    ...MAJORITY_READ,
    ...READ_TIME,
  });
  const seqs: unknown[] = (await readAll(merged)).map(({ seq }): unknown => seq);
  return seqs.every((seq) => typeof seq === 'number') ? seqs : null;
}

/** Null when there are more than `MAX_NAMES`. */
async function readNames(
  entries: mongo.Collection,
  tenantId: string,
  prefix: string,
): Promise<string[] | null> {
  const names = await readActionNames(entries, tenantId, prefix, MAX_NAMES + 1);
  return names.length > MAX_NAMES ? null : names;
}

/** The number of the last entry in the range of a query; null when there is none. */
async function lastSeq(entries: mongo.Collection, { tenantId, seq }: PageQuery): Promise<number | null> {
  const options = { ...MAJORITY_READ, ...READ_TIME, projection: { _id: 0, seq: 1 } } as const;
  const cursor = entries.find(toMongoFilter({ tenantId, seq }), options).sort({ seq: -1 }).limit(1);
  const [last] = await readAll(cursor);
  if (!last) return null;
  const found: unknown = last['seq'];
  return typeof found === 'number' ? found : seq.max; // altered: the page must show it as a fault
}

/** One page of the documents that match a filter, in the order of `seq`, as BSON bytes. */
async function findPage(
  entries: mongo.Collection,
  filter: mongo.Filter<mongo.Document>,
  { order, limit }: PageQuery,
  options: mongo.FindOptions = {},
): Promise<Buffer[]> {
  const cursor = entries
    .find(filter, { ...options, ...READ_TIME, raw: true, batchSize: limit })
    .sort({ seq: order === 'asc' ? 1 : -1 })
    .limit(limit);
  return readAllRaw(cursor);
}
