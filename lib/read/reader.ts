import type { Reading } from '../chain/check';
import type { Entry } from '../chain/entry';
import { AuditError } from '../errors';
import { quote } from '../quote';
import { present } from '../present';
import type { PageQuery, SeqRange, Store } from '../store';
import { formatCursor } from './cursor';
import { assertTexts } from './texts';
import { type ListQuery, type ParsedQuery, parseListQuery } from './query';

/** A page of entries; `nextCursor` is null on the last one. */
export type EntryPage = Entry[] & { nextCursor: string | null };

/**
 * One page of a tenant's entries.
 * @throws AuditError `INVALID_QUERY`; `UNREADABLE` when an entry on the page was altered so that it is none any more.
 */
export async function listEntries(query: ListQuery, store: Store): Promise<EntryPage> {
  const parsed = parseListQuery(query);
  const { order, limit } = parsed;
  const seq = await seqRange(parsed, store);
  const { tenantId, actor, action, resource, outcome } = parsed;
  const filter = { tenantId, actor, action, resource, outcome };
  const readings =
    seq.min > seq.max ? [] : await store.page({ ...filter, order, seq, limit: limit + 1 } as PageQuery);
  const entries = readings.slice(0, limit).map((reading) => readable(reading, tenantId));
  const last = entries.at(-1);
  const nextCursor = readings.length > limit && last ? formatCursor(last.seq, order) : null;
  return Object.assign(entries, { nextCursor });
}

/**
 * One entry by its id, or null.
 * @throws AuditError `INVALID_QUERY`, `UNREADABLE`.
 */
export async function getEntry(name: { tenantId: string; id: string }, store: Store): Promise<Entry | null> {
  const { tenantId, id } = name;
  assertTexts('get', { tenantId, id });
  const [reading] = await store.find(tenantId, [id]);
  return reading ? readable(reading, tenantId) : null;
}

/** Entries are numbered in the order of `recordedAt`: a span of time is a span of `seq`, and needs no index of its own. */
export async function seqRangeOf(
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
  const range = await seqRangeOf({ tenantId, ...present({ from, to }) }, store);
  if (after !== undefined && order === 'asc') range.min = Math.max(range.min, after + 1);
  if (after !== undefined && order === 'desc') range.max = Math.min(range.max, after - 1);
  return range;
}

function readable({ entry, fault, seq }: Reading, tenantId: string): Entry {
  if (entry) return entry;
  const what = `Entry ${seq ?? '(without a number)'} of the tenant ${quote(tenantId)} was altered`;
  throw new AuditError('UNREADABLE', `${what}: ${fault?.message ?? 'it is no entry'}. Run verify.`);
}
