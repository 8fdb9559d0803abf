import { OUTCOMES, type Outcome } from '../../../lib/vocabulary';

const DAY = 86_400_000;

/** Spans of time that end now. */
export const PERIODS = { '24h': DAY, '7d': 7 * DAY, '30d': 30 * DAY } as const;
export type Period = keyof typeof PERIODS;

/** Which entries are shown. Empty texts filter nothing. */
export interface Filter {
  actor: string;
  /** A name, or a prefix such as `org.*`. */
  action: string;
  resource: string;
  outcome: Outcome | '';
  /** Instead of `from` and `to`. */
  period: Period | '';
  /** RFC 3339 instants, or a UTC day alone. */
  from: string;
  to: string;
}

export const NO_FILTER: Filter = {
  actor: '',
  action: '',
  resource: '',
  outcome: '',
  period: '',
  from: '',
  to: '',
};

/** All that a link to the page reproduces. */
export interface View {
  filter: Filter;
  /** Looked for in what is loaded. */
  search: string;
  /** The entry that is open. */
  entryId: string | null;
}

const TEXTS = ['actor', 'action', 'resource', 'from', 'to'] as const;
const DATES = new Set<string>(['from', 'to']);

/** Minutes are fine enough for a period: what was asked for a moment ago can be asked again. */
const MINUTE = 60_000;

/** Reads the query of the page's own address. What it does not know it leaves alone. */
export function viewOf(params: URLSearchParams): View {
  const filter = { ...NO_FILTER };
  for (const name of TEXTS) {
    const text = params.get(name) ?? '';
    filter[name] = DATES.has(name) && momentOf(text, name === 'to') === null ? '' : text;
  }
  filter.outcome = OUTCOMES.find((each) => each === params.get('outcome')) ?? '';
  const period = params.get('period') ?? '';
  if (isPeriod(period)) Object.assign(filter, { period, from: '', to: '' });
  return { filter, search: params.get('q') ?? '', entryId: params.get('entry') };
}

/** The query of the page's address for a view. */
export function paramsOf({ filter, search, entryId }: View): URLSearchParams {
  const params = new URLSearchParams(Object.entries(filter).filter(([, text]) => text !== ''));
  if (search !== '') params.set('q', search);
  if (entryId !== null) params.set('entry', entryId);
  return params;
}

/** The parameters of a filter in the HTTP API, its period counted back from `now`. */
export function queryOf(filter: Filter, now: number): Record<string, string> {
  const { period, ...texts } = filter;
  const given = Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ''));
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

/** Whether all entries of a run match, so that a number which is not there is missing from the trail. */
export function isUnbroken({ actor, action, resource, outcome }: Filter): boolean {
  return actor === '' && action === '' && resource === '' && outcome === '';
}

/** Whether two filters give the same entries. */
export function isSameFilter(a: Filter, b: Filter): boolean {
  return (Object.keys(NO_FILTER) as (keyof Filter)[]).every((name) => a[name] === b[name]);
}

/** How many conditions there are; the dates are one. */
export function conditionCount({ period, from, to, ...others }: Filter): number {
  const isDated = period !== '' || from !== '' || to !== '';
  return Object.values(others).filter((text) => text !== '').length + (isDated ? 1 : 0);
}

function isPeriod(text: string): text is Period {
  return Object.hasOwn(PERIODS, text);
}
