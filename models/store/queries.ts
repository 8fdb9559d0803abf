import type { mongo } from 'mongoose';
import { mapConcurrently } from '../../lib/util/concurrency';
import { omitUndefined } from '../../lib/util/omit-undefined';
import type { ActionFilter, CountQuery, PageQuery, SeqRange, WalkQuery } from '../../lib/store/store';
import { prefixRange, readActionNames } from './action-names';
import { withTimeLimit } from './time-limit';
import { readAll } from './cursor-batches';

/** Names that a prefix is taken apart into at the most. */
const MAX_NAMES = 64;

/** One read relies on what another has seen: a server that lags behind would miss some of it. */
const DECIDING = { readConcern: 'majority', readPreference: 'primary' } as const;

/** The documents that a query is about, as the database takes it. */
export function toFilter(query: WalkQuery): mongo.Filter<mongo.Document> {
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

/** The documents of a page, as bytes. */
export async function readPage(entries: mongo.Collection, query: PageQuery): Promise<Buffer[]> {
  const { action } = query;
  if (!action?.prefix || action.name === '')
    return documents(entries, toFilter(query), query, query.isDeciding && DECIDING);
  return readPrefixPage(entries, query, action.name);
}

/**
 * How many entries a query is about in each range, counted up to `limit`: a filter's index gives just these. Of several
 * filters, entries that one lets through and another does not are read besides.
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
    const filter = { ...toFilter({ ...query, seq }), ...(names && { action: { $in: names } }) };
    return withTimeLimit(entries.countDocuments(filter, { limit }));
  });
}

/**
 * A page of all actions with a prefix. The index gives the entries of each action in the order of `seq`, but not those of
 * several: so their names are looked up, then as many numbers of each as the page has room for, then the entries that
 * are on it. Besides another filter this would not pay: names and filter are left to the database.
 */
async function readPrefixPage(
  entries: mongo.Collection,
  query: PageQuery,
  prefix: string,
): Promise<Buffer[]> {
  const { tenantId, actor, resource, outcome } = query;
  // Of what is recorded from here on, an entry with a new name would be missing before one with a name that was known.
  const max = await lastSeq(entries, query);
  if (max === null) return [];
  const names = await readNames(entries, tenantId, prefix);
  // Each name is a range of its own: with more of them one range for all is right, whose cost grows with its entries.
  if (names === null) return documents(entries, toFilter(query), query);
  if (names.length === 0) return [];
  const whole = { ...query, seq: { min: query.seq.min, max } };
  const isAlone = [actor, resource, outcome].every((value) => value === undefined);
  const seqs = isAlone ? await firstSeqs(entries, names, whole) : null;
  const filter = seqs ? { tenantId, seq: { $in: seqs } } : { ...toFilter(whole), action: { $in: names } };
  return documents(entries, filter, query, DECIDING);
}

/** The numbers on a page of these actions; null when an altered one is among them. */
async function firstSeqs(
  entries: mongo.Collection,
  names: readonly string[],
  { tenantId, order, limit: $limit, seq }: PageQuery,
): Promise<number[] | null> {
  const $sort = { seq: order === 'asc' ? 1 : -1 } as const;
  const [first = [], ...others] = names.map((action) => [
    { $match: { ...toFilter({ tenantId, seq }), action } },
    { $sort },
    { $limit },
    { $project: { _id: 0, seq: 1 } },
  ]);
  const unions = others.map((pipeline) => ({ $unionWith: { coll: entries.collectionName, pipeline } }));
  const merged = entries.aggregate([...first, ...unions, { $sort }, { $limit }], DECIDING);
  const seqs: unknown[] = (await readAll(merged)).map(({ seq }): unknown => seq);
  return seqs.every((seq) => typeof seq === 'number') ? seqs : null;
}

/** Null when there are too many. */
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
  const options = { ...DECIDING, projection: { _id: 0, seq: 1 } } as const;
  const cursor = entries.find(toFilter({ tenantId, seq }), options).sort({ seq: -1 }).limit(1);
  const [last] = await readAll(cursor);
  if (!last) return null;
  const place: unknown = last['seq'];
  return typeof place === 'number' ? place : seq.max; // an altered one, which is to be shown as such
}

/** One page of what a filter lets through, in the order of `seq`, as bytes. */
async function documents(
  entries: mongo.Collection,
  filter: mongo.Filter<mongo.Document>,
  { order, limit }: PageQuery,
  options: mongo.FindOptions = {},
): Promise<Buffer[]> {
  const cursor = entries
    .find(filter, { ...options, raw: true, batchSize: limit })
    .sort({ seq: order === 'asc' ? 1 : -1 })
    .limit(limit);
  return (await readAll(cursor)) as unknown as Buffer[];
}
