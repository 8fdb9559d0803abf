import type { mongo } from 'mongoose';
import { mapConcurrently } from '../../lib/util/concurrency';
import { omitUndefined } from '../../lib/util/omit-undefined';
import { listOf, type OneOrMore } from '../../lib/read/rules';
import type { ActionFilter, CountQuery, PageQuery, SeqRange, WalkQuery } from '../../lib/store/store';
import { prefixRange, readActionNames } from './action-names';
import { withTimeLimit } from './time-limit';
import { readAll, readAllRaw } from './cursor-batches';
import { MAJORITY_READ } from './read-write-concerns';
import { readPlace } from './read-document';
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
 * in the order of `seq`, but not those of several. So this reads the names of the actions, then the first entries of each
 * value. With another filter this would be slower, so the database gets the values and the filter.
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
    return values === undefined ? [] : [[name, [...new Set(listOf(values))]]];
  });
  const [only, ...others] = given;
  const filter = { ...toMongoFilter(bounded), ...(names && { action: { $in: names } }) };
  const isApart = only !== undefined && others.length === 0 && !(await merging.isDone(entries));
  const found = isApart ? await readEach(entries, only, bounded) : null;
  return found ?? findPage(entries, filter, query);
}

function withoutAction<Query extends CountQuery>({ action: _, ...others }: Query): Omit<Query, 'action'> {
  return others;
}

/**
 * A page of these values of one filter, each read by itself: few entries of each, and those behind them of a value of which
 * the page may hold more. Null when one of them was altered, and its number is none.
 */
async function readEach(
  entries: mongo.Collection,
  [name, values]: [name: string, values: readonly string[]],
  { tenantId, order, limit, seq, signal }: Omit<PageQuery, 'action'>,
): Promise<Buffer[] | null> {
  const sign = order === 'asc' ? 1 : -1;
  const portion = Math.min(limit, Math.ceil((2 * limit) / values.length));
  let page: Placed[] = [];
  for (let open = values.map((value) => ({ value, seq })); open.length > 0;) {
    signal?.throwIfAborted();
    const parts = await mapConcurrently(open, async ({ value, seq: range }) => {
      const filter = { ...toMongoFilter({ tenantId, seq: range }), [name]: value };
      return (await findPage(entries, filter, { order, limit: portion })).map(toPlaced);
    });
    if (!arePlaced(parts)) return null;
    page = [...page, ...parts.flat()].sort((one, other) => sign * (one.place - other.place)).filter(isOther);
    page.splice(limit);
    const end = page.length < limit ? null : (page.at(-1) as Placed).place;
    open = open.flatMap(({ value, seq: range }, i) => {
      const last = parts[i]?.[portion - 1]?.place;
      if (last === undefined || (end !== null && sign * (last - end) >= 0)) return [];
      return [{ value, seq: order === 'asc' ? { ...range, min: last + 1 } : { ...range, max: last - 1 } }];
    });
  }
  return page.map(({ bytes }) => bytes);
}

/** A document, and its number in the chain. */
interface Placed {
  bytes: Buffer;
  place: number;
}

function toPlaced(bytes: Buffer): { bytes: Buffer; place: number | null } {
  return { bytes, place: readPlace(bytes) };
}

function arePlaced(parts: ReturnType<typeof toPlaced>[][]): parts is Placed[][] {
  return parts.flat().every(({ place }) => place !== null);
}

/** Of an altered entry, whose value is a list, the database finds the same document by several values. */
function isOther({ bytes, place }: Placed, i: number, all: readonly Placed[]): boolean {
  const before = all[i - 1];
  return before?.place !== place || !before.bytes.equals(bytes);
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
  { order, limit }: Pick<PageQuery, 'order' | 'limit'>,
): Promise<Buffer[]> {
  const cursor = entries
    .find(filter, { ...MAJORITY_READ, raw: true, batchSize: limit })
    .sort({ seq: order === 'asc' ? 1 : -1 })
    .limit(limit);
  return readAllRaw(cursor);
}
