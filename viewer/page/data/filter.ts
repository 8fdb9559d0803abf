import { OUTCOMES } from '../../../lib/vocabulary';

const DAY = 86_400_000;

/** Spans of time that end now. */
export const PERIODS = { '24h': DAY, '7d': 7 * DAY, '30d': 30 * DAY } as const;
export type Period = keyof typeof PERIODS;

/** Several values in one field: any of them will do. */
export const OR = ' | ';

/** Which entries are shown. Empty texts filter nothing; values of one filter stand with ` | ` between them. */
export interface Filter {
  actor: string;
  /** A name, or a prefix such as `org.*`. */
  action: string;
  resource: string;
  /** Whose entries are left out. */
  notActor: string;
  resourceType: string;
  onBehalfOf: string;
  ipAddress: string;
  requestId: string;
  /** Words that are somewhere in what an entry says, whether it is loaded or not. */
  text: string;
  outcome: string;
  /** Instead of `from` and `to`. */
  period: Period | '';
  /** RFC 3339 instants, or a UTC day alone. */
  from: string;
  to: string;
  /** The same of when it happened, by whoever recorded it. */
  occurredFrom: string;
  occurredTo: string;
}

export const NO_FILTER: Filter = {
  actor: '',
  action: '',
  resource: '',
  notActor: '',
  resourceType: '',
  onBehalfOf: '',
  ipAddress: '',
  requestId: '',
  text: '',
  outcome: '',
  period: '',
  from: '',
  to: '',
  occurredFrom: '',
  occurredTo: '',
};

/** All that a link to the page reproduces. */
export interface View {
  filter: Filter;
  /** Looked for in what is loaded. */
  search: string;
  /** The entry that is open. */
  entryId: string | null;
}

/** The filters for which the server looks at entries one by one. */
export const LOOKED = [
  ...(['text', 'resourceType', 'notActor', 'onBehalfOf', 'ipAddress', 'requestId'] as const),
  ...(['occurredFrom', 'occurredTo'] as const),
] as const;

/** The filters that may have several values. */
const LISTS = new Set<string>([
  'actor',
  'action',
  'resource',
  'notActor',
  'outcome',
  'resourceType',
  'onBehalfOf',
  'ipAddress',
  'requestId',
]);

const TEXTS = ['actor', 'action', 'resource', ...LOOKED, 'from', 'to'] as const;
const DATES = new Set<string>(['from', 'to', 'occurredFrom', 'occurredTo']);

/** Dates that stand for the end of their day. */
const ENDS = new Set<string>(['to', 'occurredTo']);

/** Minutes are fine enough for a period: what was asked for a moment ago can be asked again. */
const MINUTE = 60_000;

/** Reads the query of the page's own address. What it does not know it leaves alone. */
export function viewOf(params: URLSearchParams): View {
  const filter = { ...NO_FILTER };
  for (const name of TEXTS) {
    const text = LISTS.has(name) ? params.getAll(name).join(OR) : (params.get(name) ?? '');
    filter[name] = DATES.has(name) && momentOf(text, ENDS.has(name)) === null ? '' : text;
  }
  filter.outcome = outcomesOf(params.getAll('outcome'));
  const period = params.get('period') ?? '';
  if (isPeriod(period)) Object.assign(filter, { period, from: '', to: '' });
  return { filter, search: params.get('q') ?? '', entryId: params.get('entry') };
}

/** The outcomes that are asked for, less those that are excluded: what is left is known to an index. */
function outcomesOf(given: readonly string[]): string {
  const asked = OUTCOMES.filter((each) => given.includes(each));
  const left = (asked.length > 0 ? asked : OUTCOMES).filter((each) => !given.includes(`!${each}`));
  return left.length === OUTCOMES.length ? '' : left.join(OR);
}

/** The query of the page's address for a view. */
export function paramsOf({ filter, search, entryId }: View): URLSearchParams {
  const params = new URLSearchParams();
  for (const [name, text] of Object.entries(filter) as [string, string][])
    for (const value of text === '' ? [] : valuesOf(name, text)) params.append(name, value);
  if (search !== '') params.set('q', search);
  if (entryId !== null) params.set('entry', entryId);
  return params;
}

/** The parameters of a filter in the HTTP API, its period counted back from `now`. */
export function queryOf(filter: Filter, now: number): Record<string, string | string[]> {
  const { period, ...texts } = filter;
  const given: Record<string, string | string[]> = {};
  for (const [name, text] of Object.entries(texts)) {
    const [first, ...others] = text === '' ? [] : valuesOf(name, text);
    if (first !== undefined) given[name] = others.length > 0 ? [first, ...others] : first;
  }
  if (period === '') return given;
  const from = Math.floor((now - PERIODS[period]) / MINUTE) * MINUTE;
  return { ...given, from: new Date(from).toISOString() };
}

/** Milliseconds of an instant or a day; the end of the day where `isEnd`. Null for what is neither. */
export function momentOf(text: string, isEnd: boolean): number | null {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const time = isDay || text.includes('T') ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? null : time + (isDay && isEnd ? DAY : 0);
}

/** Whether entries that are still to come can match. */
export function isOpenEnded(filter: Filter, now: number): boolean {
  const to = filter.to === '' ? null : momentOf(filter.to, true);
  return to === null || to > now;
}

/** The values of a filter. */
function valuesOf(name: string, text: string): string[] {
  if (!LISTS.has(name)) return [text];
  const values = text.split(OR).map((value) => value.trim());
  return values.filter((value) => value !== '');
}

/** Whether entries are looked at one by one: no overview counts them, and no export proves that they are all. */
export function isLookedAt(filter: Filter): boolean {
  return (
    LOOKED.some((name) => filter[name] !== '') ||
    valuesOf('action', filter.action).some((name) => name.startsWith('!'))
  );
}

/** Whether a file of evidence can be made of it: of one value each, by what an index knows. */
export function isExportable(filter: Filter): boolean {
  return !isLookedAt(filter) && Object.values(queryOf(filter, 0)).every((value) => !Array.isArray(value));
}

/** Whether all entries of a run match, so that a number which is not there is missing from the trail. */
export function isUnbroken({ period: _, from: __, to: ___, ...others }: Filter): boolean {
  return Object.values(others).every((text) => text === '');
}

/** Whether two filters give the same entries. */
export function isSameFilter(a: Filter, b: Filter): boolean {
  return (Object.keys(NO_FILTER) as (keyof Filter)[]).every((name) => a[name] === b[name]);
}

/** How many conditions there are; the dates of one kind are one. */
export function conditionCount({ period, from, to, occurredFrom, occurredTo, ...others }: Filter): number {
  const dates = [period + from + to, occurredFrom + occurredTo];
  return [...Object.values(others), ...dates].filter((text) => text !== '').length;
}

function isPeriod(text: string): text is Period {
  return Object.hasOwn(PERIODS, text);
}
