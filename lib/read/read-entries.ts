import type { Reading } from '../chain/chain-check';
import type { Entry } from '../chain/entry';
import { AuditError } from '../errors';
import { quote } from '../util/quote';
import { omitUndefined } from '../util/omit-undefined';
import type { EntryFilter, PageQuery, SeqRange, Store } from '../store/store';
import type { Conditions } from './conditions';
import { formatCursor } from './cursor';
import { assertNames } from './assert-names';
import { type ListQuery, type ParsedQuery, parseListQuery } from './list-query';
import { listOf } from './rules';
import { scan } from './scan';

/** A prefix that means more names than these is left to the database, as a range. */
const MOST_NAMES = 64;

/** How far it was looked for a page: behind that nothing is known yet. */
export interface LookedAt {
  /** Entries that were looked at. */
  entries: number;
  /** The number of the last one of them, and when it was recorded; null without any, or where that was altered. */
  seq: number | null;
  recordedAt: string | null;
}

/** A page of entries. */
export type EntryPage = Entry[] & {
  /** Null on the last page. A page may be empty, and not be the last one, where entries are looked at one by one. */
  nextCursor: string | null;
  /** There where a filter asks for what no index tells. */
  lookedAt?: LookedAt;
};

/** A page that shows what was altered so that it is no entry any more. */
export interface MarkedPage {
  entries: Entry[];
  nextCursor: string | null;
  lookedAt?: LookedAt;
  /** In the order of the page; `seq` is null where a document has no place in the chain. */
  faults: { seq: number | null; message: string }[];
}

/**
 * One page of a tenant's entries.
 * @throws AuditError `INVALID_QUERY`; `ENTRY_ALTERED` when an entry on the page was altered so that it is none any more.
 */
export async function listEntries(query: ListQuery, store: Store, signal?: AbortSignal): Promise<EntryPage> {
  const { readings, ...page } = await readPage(query, store, signal);
  const entries = readings.map((reading) => assertEntry(reading, query.tenantId));
  return Object.assign(entries, page);
}

/**
 * The same, with what is no entry any more beside the entries.
 * @throws AuditError `INVALID_QUERY`; `ENTRY_ALTERED` when the page ends with what has no place in the chain.
 */
export async function listMarked(query: ListQuery, store: Store, signal?: AbortSignal): Promise<MarkedPage> {
  const { readings, ...page } = await readPage(query, store, signal);
  const entries = readings.flatMap(({ entry }) => entry ?? []);
  const faults = readings.flatMap(({ entry, seq, fault }) =>
    entry ? [] : { seq, message: fault?.message ?? 'it is no entry' },
  );
  return { entries, ...page, faults };
}

/** What a page shows, and where the next one begins. */
type ReadPage = Omit<MarkedPage, 'entries' | 'faults'> & { readings: Reading[] };

async function readPage(query: ListQuery, store: Store, signal: AbortSignal | undefined): Promise<ReadPage> {
  const parsed = parseListQuery(query);
  const { order, limit, tenantId, conditions } = parsed;
  const seq = await seqRange(parsed, store);
  const page: PageQuery = { tenantId, ...filterOf(parsed), order, seq, limit, signal };
  if (conditions) return readScanned(page, conditions, store);
  const found = seq.min > seq.max ? [] : await store.page({ ...page, limit: limit + 1 });
  const readings = found.slice(0, limit);
  const last = readings.at(-1);
  const nextCursor = found.length > limit && last ? formatCursor(assertPlace(last, tenantId), order) : null;
  return { readings, nextCursor };
}

/** The next page begins behind what was looked at last, found or not. */
async function readScanned(page: PageQuery, conditions: Conditions, store: Store): Promise<ReadPage> {
  const named = await nameActions(page, store);
  const { readings, looked, last, isOpen } = await scan(named, conditions, store);
  const nextCursor = isOpen && last ? formatCursor(assertPlace(last, page.tenantId), page.order) : null;
  const recordedAt = last?.entry?.recordedAt ?? null;
  return { readings, nextCursor, lookedAt: { entries: looked, seq: last?.seq ?? null, recordedAt } };
}

/**
 * Prefixes as the names that they mean, which are looked up once for all portions of a look. Entries that are recorded
 * after that are left out: one with a new name would be missing between others.
 */
async function nameActions(page: PageQuery, store: Store): Promise<PageQuery> {
  const actions = listOf(page.action);
  const prefixes = actions.filter(({ prefix }) => prefix);
  if (prefixes.length === 0 || prefixes.some(({ name }) => name === '')) return page;
  const { tenantId, seq, signal } = page;
  const end = (await store.head(tenantId))?.seq ?? seq.max;
  const names = new Set(actions.flatMap(({ name, prefix }) => (prefix ? [] : name)));
  for (const { name } of prefixes) {
    signal?.throwIfAborted();
    for (const each of await store.actionNames(tenantId, name, MOST_NAMES + 1)) names.add(each);
    if (names.size > MOST_NAMES) return page;
  }
  const action = Array.from(names, (name) => ({ name, prefix: false }));
  return { ...page, action, seq: { ...seq, max: Math.min(seq.max, end) } };
}

function filterOf({ actor, action, resource, outcome }: ParsedQuery): EntryFilter {
  return omitUndefined({ actor, action, resource, outcome });
}

/**
 * The number of a tenant's newest entry; 0 without any.
 * @throws AuditError `ENTRY_ALTERED` when what stands at the end has no place in the chain.
 */
export async function readSize(tenantId: string, store: Store): Promise<number> {
  const head = await store.head(tenantId);
  return head ? assertPlace(head, tenantId) : 0;
}

/** @throws AuditError `ENTRY_ALTERED` when a reading has no place in its chain, be it an entry or not. */
export function assertPlace(reading: Reading, tenantId: string): number {
  if (reading.seq !== null) return reading.seq;
  throw alteredError(reading, tenantId);
}

/**
 * One entry by its id, or null.
 * @throws AuditError `INVALID_QUERY`, `ENTRY_ALTERED`.
 */
export async function getEntry(name: { tenantId: string; id: string }, store: Store): Promise<Entry | null> {
  const { tenantId, id } = name;
  assertNames('get', { tenantId, id });
  const [reading] = await store.find(tenantId, [id]);
  return reading ? assertEntry(reading, tenantId) : null;
}

/**
 * The entry with a number, or null.
 * @throws AuditError `INVALID_QUERY`, `ENTRY_ALTERED`.
 */
export async function entryAt(place: { tenantId: string; seq: number }, store: Store): Promise<Entry | null> {
  const { tenantId, seq } = place;
  assertNames('get', { tenantId });
  const [reading] = await store.page({ tenantId, order: 'asc', limit: 1, seq: { min: seq, max: seq } });
  return reading ? assertEntry(reading, tenantId) : null;
}

/** Entries are numbered in the order of `recordedAt`: a span of time is a span of `seq`, and needs no index of its own. */
export async function toSeqRange(
  { tenantId, from, to }: { tenantId: string; from?: number; to?: number },
  store: Store,
): Promise<SeqRange> {
  const min = from === undefined ? 1 : ((await store.firstSince(tenantId, from)) ?? Infinity);
  const max =
    to === undefined ? Number.MAX_SAFE_INTEGER : ((await store.firstSince(tenantId, to)) ?? Infinity) - 1;
  return { min, max };
}

async function seqRange(query: ParsedQuery, store: Store): Promise<SeqRange> {
  const { tenantId, from, to, order, after } = query;
  const range = await toSeqRange({ tenantId, ...omitUndefined({ from, to }) }, store);
  if (after !== undefined && order === 'asc') range.min = Math.max(range.min, after + 1);
  if (after !== undefined && order === 'desc') range.max = Math.min(range.max, after - 1);
  return range;
}

/** @throws AuditError `ENTRY_ALTERED` when there is no entry to a reading. */
export function assertEntry(reading: Reading, tenantId: string): Entry {
  if (reading.entry) return reading.entry;
  throw alteredError(reading, tenantId);
}

function alteredError({ fault, seq }: Reading, tenantId: string): AuditError {
  const what = `Entry ${seq ?? '(without a number)'} of the tenant ${quote(tenantId)} was altered`;
  return new AuditError('ENTRY_ALTERED', `${what}: ${fault?.message ?? 'it is no entry'}. Run verify.`);
}
