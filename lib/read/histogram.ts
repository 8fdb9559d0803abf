import type { Reading } from '../chain/chain-check';
import { mapConcurrently } from '../util/concurrency';
import { Complaints } from '../util/complaints';
import { omitUndefined } from '../util/omit-undefined';
import { isoText } from '../event/instant';
import type { EntryFilter, SeqRange, Store } from '../store/store';
import { type Fields, readFields } from './fields';
import { type ListQuery, parseFilter } from './list-query';
import { FROM, listOf, oneOrMore, OUTCOME_OR_NOT, TEXT, TO, wholeNumberRule, WELL_FORMED } from './rules';
import { assertPlace, assertEntry } from './read-entries';

/** Which entries `histogram` counts. */
export interface HistogramQuery extends Pick<
  ListQuery,
  'tenantId' | 'actor' | 'action' | 'resource' | 'outcome'
> {
  /** `recordedAt` from this instant, by default the first entry's; a date alone is the start of that UTC day. */
  from?: Date | string | undefined;
  /** `recordedAt` before this instant, by default just behind the newest; a date alone is the end of that UTC day. */
  to?: Date | string | undefined;
  /** The same as `from`, and as `to`. */
  startDate?: Date | string | undefined;
  endDate?: Date | string | undefined;
  /** How many counts at the most, 1–200; 60 when left out. */
  buckets?: number | undefined;
}

/** How many entries were recorded when. */
export interface Histogram {
  /** ISO 8601. */
  from: string;
  to: string;
  /** Milliseconds of a bucket; the last one ends at `to`, which may be earlier. */
  step: number;
  /** A count that has reached it means "so many or more"; null where counts are exact. */
  limit: number | null;
  /** Entries recorded from `from + i * step`, and before the next bucket begins. */
  counts: number[];
}

/** A span of time in milliseconds since 1970, `to` not in it. */
interface Span {
  from: number;
  to: number;
}

const DEFAULT_BUCKETS = 60;

/** Entries of a bucket that are counted one by one at the most. */
const COUNT_LIMIT = 1000;

export const HISTOGRAM_RULES = {
  tenantId: WELL_FORMED,
  from: FROM,
  to: TO,
  startDate: FROM,
  endDate: TO,
  actor: oneOrMore(TEXT),
  action: oneOrMore(TEXT),
  resource: oneOrMore(TEXT),
  outcome: oneOrMore(OUTCOME_OR_NOT),
  buckets: wholeNumberRule(200, DEFAULT_BUCKETS),
};

/**
 * Counts a tenant's entries over time, in buckets of whole milliseconds: `step` is the shortest that needs no more than
 * `buckets`. Without a filter a bucket's count is that of the numbers given in it: missing entries count, and the size of
 * the chain makes no difference. With one, entries are counted up to `limit`.
 *
 * Where no time is between `from` and `to` there are no counts. A bound that neither the query nor an entry gives is the
 * other one; with neither, 1970.
 * @throws AuditError `INVALID_QUERY`; `ENTRY_ALTERED` when an entry at the bounds was altered so that it is none any more.
 * @throws the reason of `signal`, once that is aborted
 */
export async function histogram(
  query: HistogramQuery,
  store: Store,
  signal?: AbortSignal,
): Promise<Histogram> {
  const { startDate, endDate, ...fields } = readFields(query, HISTOGRAM_RULES);
  const { tenantId, from = startDate, to = endDate, buckets = DEFAULT_BUCKETS, ...texts } = fields;
  const filter = toFilter(texts);
  const newest = await store.head(tenantId);
  const span = await resolveSpan(tenantId, { from, to }, newest, store);
  const step = Math.max(1, Math.ceil((span.to - span.from) / buckets));
  const limit = filter ? COUNT_LIMIT : null;
  const answer = { from: isoText(span.from), to: isoText(span.to), step, limit };
  if (!newest || span.from >= span.to) return { ...answer, counts: [] };
  const size = assertPlace(newest, tenantId);
  const ranges = await bucketRanges(tenantId, { ...span, step, size }, store, signal);
  const counts = filter
    ? await store.counts({ tenantId, ...filter, signal }, ranges, COUNT_LIMIT)
    : ranges.map(({ min, max }) => max - min + 1);
  return { ...answer, counts };
}

/**
 * Null when it lets all entries through.
 * @throws AuditError `INVALID_QUERY` for what is excluded: to count the rest, all of it would have to be read.
 */
function toFilter(
  texts: Omit<
    Fields<typeof HISTOGRAM_RULES>,
    'tenantId' | 'from' | 'to' | 'startDate' | 'endDate' | 'buckets'
  >,
): EntryFilter | null {
  const { filter, conditions } = parseFilter(texts);
  if (conditions) {
    const complaints = new Complaints();
    for (const name of ['action', 'outcome'] as const)
      if (listOf<string>(texts[name]).some((value) => value.startsWith('!')))
        complaints.add(name, 'without what is excluded by `!`, which is not counted', texts[name]);
    complaints.assertNone('INVALID_QUERY', 'The query is not valid');
  }
  const { action, ...others } = filter;
  const isEveryAction = listOf(action).some(({ name, prefix }) => prefix && name === '');
  const counted: EntryFilter = omitUndefined({ ...others, action: isEveryAction ? undefined : action });
  return Object.keys(counted).length > 0 ? counted : null;
}

async function resolveSpan(
  tenantId: string,
  { from, to }: Partial<Record<keyof Span, number | undefined>>,
  newest: Reading | null,
  store: Store,
): Promise<Span> {
  if (!newest) return { from: from ?? to ?? 0, to: to ?? from ?? 0 };
  const end = to ?? Date.parse(assertEntry(newest, tenantId).recordedAt) + 1;
  const begin = from ?? (await firstRecordedAt(tenantId, store)) ?? end;
  // A bound that was not asked for must not turn the span around.
  return {
    from: from === undefined ? Math.min(begin, end) : begin,
    to: to === undefined ? Math.max(begin, end) : end,
  };
}

/** When the first entry was recorded. */
async function firstRecordedAt(tenantId: string, store: Store): Promise<number | null> {
  const seq = { min: 1, max: Number.MAX_SAFE_INTEGER };
  const [first] = await store.page({ tenantId, order: 'asc', limit: 1, seq });
  return first ? Date.parse(assertEntry(first, tenantId).recordedAt) : null;
}

/** The numbers given in each bucket, of a chain that ends at `size`: what is recorded meanwhile is in none. */
async function bucketRanges(
  tenantId: string,
  { from, to, step, size }: Span & { step: number; size: number },
  store: Store,
  signal: AbortSignal | undefined,
): Promise<SeqRange[]> {
  const times: number[] = [];
  for (let time = from; time < to; time += step) times.push(time);
  const seqs = await firstNumbers([...times, to], size, async (time) => {
    signal?.throwIfAborted();
    return store.firstSince(tenantId, time);
  });
  return times.map((_, i) => ({ min: seqs[i] as number, max: (seqs[i + 1] as number) - 1 }));
}

/** Two places among the times, at both of which the number is known. */
type Gap = readonly [low: number, high: number];

/**
 * The first number given at or after each of these rising times, or the one behind `size`. Between two times with the
 * same number all have it, so that only parts of the span in which something was recorded are looked into.
 */
async function firstNumbers(
  times: readonly number[],
  size: number,
  firstSince: (time: number) => Promise<number | null>,
): Promise<number[]> {
  const seqs = new Array<number>(times.length).fill(0);
  const look = async (places: readonly number[]): Promise<number[]> => {
    const found = await mapConcurrently(places, (place) => firstSince(times[place] as number));
    return found.map((seq) => Math.min(seq ?? Infinity, size + 1));
  };
  const last = times.length - 1;
  const [first = 1, end = 1] = await look([0, last]);
  // An altered time may be out of order: no count is below 0.
  seqs[0] = Math.max(1, first);
  seqs[last] = Math.max(seqs[0], end);
  let gaps: Gap[] = [[0, last]];
  while (gaps.length > 0) {
    const open = gaps.filter(([low, high]) => high - low > 1 && seqs[low] !== seqs[high]);
    for (const [low, high] of gaps) if (seqs[low] === seqs[high]) seqs.fill(seqs[low] as number, low, high);
    const middles = open.map(([low, high]) => (low + high) >> 1);
    const found = await look(middles);
    gaps = open.flatMap(([low, high], i): Gap[] => {
      const middle = middles[i] as number;
      const [least, most] = [seqs[low] as number, seqs[high] as number];
      seqs[middle] = Math.min(Math.max(found[i] as number, least), most);
      return [
        [low, middle],
        [middle, high],
      ];
    });
  }
  return seqs;
}
