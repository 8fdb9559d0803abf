import type { Reading } from '../chain/chain-check';
import type { Entry } from '../chain/entry';
import { AuditError } from '../errors';
import { quote } from '../util/quote';
import { omitUndefined } from '../util/omit-undefined';
import type { PageQuery, SeqRange, Store } from '../store/store';
import { formatCursor } from './cursor';
import { assertNames } from './assert-names';
import { type ListQuery, type ParsedQuery, parseListQuery } from './list-query';

/** A page of entries; `nextCursor` is null on the last one. */
export type EntryPage = Entry[] & { nextCursor: string | null };

/** A page that shows what was altered so that it is no entry any more. */
export interface MarkedPage {
  entries: Entry[];
  nextCursor: string | null;
  /** In the order of the page; `seq` is null where a document has no place in the chain. */
  faults: { seq: number | null; message: string }[];
}

/**
 * One page of a tenant's entries.
 * @throws AuditError `INVALID_QUERY`; `ENTRY_ALTERED` when an entry on the page was altered so that it is none any more.
 */
export async function listEntries(query: ListQuery, store: Store, signal?: AbortSignal): Promise<EntryPage> {
  const { readings, nextCursor } = await readPage(query, store, signal);
  const entries = readings.map((reading) => assertEntry(reading, query.tenantId));
  return Object.assign(entries, { nextCursor });
}

/**
 * The same, with what is no entry any more beside the entries.
 * @throws AuditError `INVALID_QUERY`; `ENTRY_ALTERED` when the page ends with what has no place in the chain.
 */
export async function listMarked(query: ListQuery, store: Store, signal?: AbortSignal): Promise<MarkedPage> {
  const { readings, nextCursor } = await readPage(query, store, signal);
  const entries = readings.flatMap(({ entry }) => entry ?? []);
  const faults = readings.flatMap(({ entry, seq, fault }) =>
    entry ? [] : { seq, message: fault?.message ?? 'it is no entry' },
  );
  return { entries, nextCursor, faults };
}

async function readPage(
  query: ListQuery,
  store: Store,
  signal: AbortSignal | undefined,
): Promise<{ readings: Reading[]; nextCursor: string | null }> {
  const parsed = parseListQuery(query);
  const { order, limit } = parsed;
  const seq = await seqRange(parsed, store);
  const { tenantId, actor, action, resource, outcome } = parsed;
  const filter = { tenantId, actor, action, resource, outcome, signal };
  const found =
    seq.min > seq.max ? [] : await store.page({ ...filter, order, seq, limit: limit + 1 } as PageQuery);
  const readings = found.slice(0, limit);
  const last = readings.at(-1);
  const nextCursor = found.length > limit && last ? formatCursor(assertPlace(last, tenantId), order) : null;
  return { readings, nextCursor };
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
