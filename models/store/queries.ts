import type { mongo } from 'mongoose';
import { mapConcurrently } from '../../lib/util/concurrency';
import { omitUndefined } from '../../lib/util/omit-undefined';
import { listOf, type OneOrMore } from '../../lib/read/rules';
import type { ActionFilter, CountQuery, PageQuery, SeqRange, WalkQuery } from '../../lib/store/store';
import { prefixRange, readActionNames } from './action-names';
import { withTimeLimit } from './time-limit';
import { readAll, readAllRaw } from './cursor-batches';
import { MAJORITY_READ } from './read-write-concerns';
import type { ScanMerging } from './scan-merging';

/** A prefix with more action names than this is queried as one range. */
const MAX_NAMES = 64;

/** The filters that an index serves. */
const FILTERS = ['actor', 'action', 'resource', 'outcome'] as const;

/** The filter of a query, in MongoDB's form. Values are texts, and stand where the database takes none for an operator. */
export function toMongoFilter(query: WalkQuery): mongo.Filter<mongo.Document> {
  const { tenantId, actor, action, resource, outcome, seq } = query;
  return {
    tenantId,
    ...omitUndefined({ actor: anyOf(actor), resource: anyOf(resource), outcome: anyOf(outcome) }),
    ...actionFilter(listOf(action)),
    ...(seq && { seq: { $gte: seq.min, $lte: seq.max } }),
  };
}

function anyOf(values: OneOrMore<string> | undefined): unknown {
  return Array.isArray(values) ? { $in: values } : values;
}

function actionFilter(actions: readonly ActionFilter[]): mongo.Filter<mongo.Document> {
  if (actions.length === 0 || actions.some(isEvery)) return {};
  const alternatives = actions.map(({ name, prefix }) => ({ action: prefix ? prefixRange(name) : name }));
  const [first, ...others] = alternatives;
  return others.length === 0 ? (first as object) : { $or: alternatives };
}

function isEvery({ name, prefix }: ActionFilter): boolean {
  return prefix && name === '';
}

/** The documents of a page, as BSON bytes. */
export async function readPage(
  entries: mongo.Collection,
  query: PageQuery,
  merging: ScanMerging,
): Promise<Buffer[]> {
  query.signal?.throwIfAborted();
  const isPlain = FILTERS.every((name) => !Array.isArray(query[name])) && !namesActions(query.action);
  if (isPlain) return findPage(entries, toMongoFilter(query), query);
  return readMergedPage(entries, query, merging);
}

/** Whether it takes a look into the index to know which actions are meant. */
function namesActions(action: PageQuery['action']): boolean {
  const actions = listOf(action);
  return actions.some(({ prefix }) => prefix) && !actions.some(isEvery);
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
  const names = namesActions(action) ? await readNames(entries, tenantId, listOf(action)) : null;
  return mapConcurrently(ranges, async (seq) => {
    if (seq.min > seq.max || names?.length === 0) return 0;
    query.signal?.throwIfAborted();
    const filter = names
      ? { ...toMongoFilter({ ...withoutAction(query), seq }), action: { $in: names } }
      : toMongoFilter({ ...query, seq });
    return withTimeLimit(entries.countDocuments(filter, { ...MAJORITY_READ, limit }));
  });
}

/**
 * A page of several values of a filter, such as all actions with the prefix `org.`. The index has the entries of one value
 * in the order of `seq`, but not those of several. So this reads the names of the actions, then the first `limit` numbers
 * of each value, then the entries of the page. With another filter this would be slower, so the database gets the values
 * and the filter.
 */
async function readMergedPage(
  entries: mongo.Collection,
  query: PageQuery,
  merging: ScanMerging,
): Promise<Buffer[]> {
  const { tenantId, action } = query;
  // Entries that are recorded after this are left out: one with a new action name would be missing between others.
  const max = await lastSeq(entries, query);
  if (max === null) return [];
  const isNamed = action !== undefined && !listOf(action).some(isEvery);
  const names = isNamed ? await readNames(entries, tenantId, listOf(action)) : undefined;
  // Each name is a range of the index. For many names, one range for all is cheaper, though its cost grows with entries.
  if (names === null) return findPage(entries, toMongoFilter(query), query);
  if (names?.length === 0) return [];
  query.signal?.throwIfAborted();
  const bounded = { ...withoutAction(query), seq: { min: query.seq.min, max } };
  const given = FILTERS.flatMap((name): [string, readonly string[]][] => {
    const values = name === 'action' ? names : (query[name] as OneOrMore<string> | undefined);
    return values === undefined ? [] : [[name, listOf(values)]];
  });
  const [only, ...others] = given;
  const seqs = only && others.length === 0 ? await firstSeqs(entries, only, bounded, merging) : null;
  const filter = seqs
    ? { tenantId, seq: { $in: seqs } }
    : { ...toMongoFilter(bounded), ...(names && { action: { $in: names } }) };
  return findPage(entries, filter, query);
}

function withoutAction<Query extends CountQuery>({ action: _, ...others }: Query): Omit<Query, 'action'> {
  return others;
}

/** The `seq` of each entry on a page of these values of one filter; null when one of them was altered and is not a number. */
async function firstSeqs(
  entries: mongo.Collection,
  [name, values]: [name: string, values: readonly string[]],
  { tenantId, order, limit, seq }: Pick<PageQuery, 'tenantId' | 'order' | 'limit' | 'seq'>,
  merging: ScanMerging,
): Promise<number[] | null> {
  const sign = order === 'asc' ? 1 : -1;
  const first = async (value: unknown): Promise<unknown[]> => {
    const options = { ...MAJORITY_READ, projection: { _id: 0, seq: 1 }, sort: { seq: sign }, limit } as const;
    const found = entries.find({ ...toMongoFilter({ tenantId, seq }), [name]: value }, options);
    return (await readAll(found)).map((document): unknown => document['seq']);
  };
  const each = [...new Set(values)];
  const seqs = (await merging.isDone(entries))
    ? await first({ $in: each })
    : (await mapConcurrently(each, first)).flat();
  if (!seqs.every((seq) => typeof seq === 'number')) return null;
  return seqs.sort((one, other) => sign * (one - other)).slice(0, limit);
}

/** The names that actions mean. Null when there are more than `MAX_NAMES`. */
async function readNames(
  entries: mongo.Collection,
  tenantId: string,
  actions: readonly ActionFilter[],
): Promise<string[] | null> {
  const names = new Set<string>();
  for (const { name, prefix } of actions) {
    const found = prefix ? await readActionNames(entries, tenantId, name, MAX_NAMES + 1) : [name];
    for (const each of found) names.add(each);
  }
  return names.size > MAX_NAMES ? null : [...names];
}

/** The number of the last entry in the range of a query; null when there is none. */
async function lastSeq(entries: mongo.Collection, { tenantId, seq }: PageQuery): Promise<number | null> {
  const options = { ...MAJORITY_READ, projection: { _id: 0, seq: 1 } } as const;
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
): Promise<Buffer[]> {
  const cursor = entries
    .find(filter, { ...MAJORITY_READ, raw: true, batchSize: limit })
    .sort({ seq: order === 'asc' ? 1 : -1 })
    .limit(limit);
  return readAllRaw(cursor);
}
