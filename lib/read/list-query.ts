import {
  ACTOR,
  CONTEXT_TEXT,
  FROM,
  listOf,
  oneOfRule,
  type OneOrMore,
  oneOrMore,
  OUTCOME_OR_NOT,
  RESOURCE,
  type Rule,
  TEXT,
  TO,
  wholeNumberRule,
  WELL_FORMED,
  WORDS,
} from './rules';
import { omitUndefined } from '../util/omit-undefined';
import type { ActionFilter, EntryFilter } from '../store/store';
import type { Outcome } from '../vocabulary';
import { type Conditions, wordsOf } from './conditions';
import { parseCursor } from './cursor';
import { type Fields, readFields } from './fields';

/** Which entries are meant. A list of values means any of them. */
export interface ListFilter {
  actor?: OneOrMore<string> | undefined;
  /** Actors whose entries are left out. */
  notActor?: OneOrMore<string> | undefined;
  /** A name, a prefix such as `org.*`, or with `!` before it those that are left out: `!contact.import`. */
  action?: OneOrMore<string> | undefined;
  resource?: OneOrMore<string> | undefined;
  /** A kind of resource, or with `!` before it one that is left out. */
  resourceType?: OneOrMore<string> | undefined;
  /** An outcome, or with `!` before it one that is left out. */
  outcome?: OneOrMore<Outcome | `!${Outcome}`> | undefined;
  onBehalfOf?: OneOrMore<string> | undefined;
  ipAddress?: OneOrMore<string> | undefined;
  requestId?: OneOrMore<string> | undefined;
  /** Words that are all in what the entry says: its names, ids and values, in upper or lower case. */
  text?: string | undefined;
  /** `occurredAt` from this instant; a date alone is the start of that UTC day. */
  occurredFrom?: Date | string | undefined;
  /** `occurredAt` before this instant; a date alone is the end of that UTC day. */
  occurredTo?: Date | string | undefined;
}

/** Which entries `list` gives. */
export interface ListQuery extends ListFilter {
  tenantId: string;
  /** 1–1000; 100 when left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** By `seq`; `desc`, newest first, when left out. */
  order?: 'asc' | 'desc' | undefined;
  /** `recordedAt` from this instant; a date alone is the start of that UTC day. */
  from?: Date | string | undefined;
  /** `recordedAt` before this instant; a date alone is the end of that UTC day. */
  to?: Date | string | undefined;
  /** The same as `from`, by the name that exports have for it. */
  startDate?: Date | string | undefined;
  /** The same as `to`. */
  endDate?: Date | string | undefined;
}

/** A query checked: instants in milliseconds since 1970, the cursor as the `seq` after which the page begins. */
export interface ParsedQuery extends EntryFilter {
  tenantId: string;
  limit: number;
  order: 'asc' | 'desc';
  after?: number;
  from?: number;
  to?: number;
  /** What no index tells. */
  conditions?: Conditions;
}

const MAX_LIMIT = 1000;
const DEFAULT_LIMIT = 100;

const LIMIT = wholeNumberRule(MAX_LIMIT, DEFAULT_LIMIT);
const ORDER = oneOfRule(['asc', 'desc'] as const);
const CURSOR = { asc: cursorRule('asc'), desc: cursorRule('desc') };

/** The filters that indexes serve, at least while nothing is excluded. */
const INDEXED_RULES = {
  actor: oneOrMore(ACTOR),
  action: oneOrMore(TEXT),
  resource: oneOrMore(RESOURCE),
  outcome: oneOrMore(OUTCOME_OR_NOT),
};

/** The filters for which entries are looked at one by one. */
const LOOKED_RULES = {
  notActor: oneOrMore(ACTOR),
  resourceType: oneOrMore(CONTEXT_TEXT),
  onBehalfOf: oneOrMore(ACTOR),
  ipAddress: oneOrMore(CONTEXT_TEXT),
  requestId: oneOrMore(CONTEXT_TEXT),
  text: WORDS,
  occurredFrom: FROM,
  occurredTo: TO,
};

/** The names of the filters that no index serves. */
export const LOOKED = Object.keys(LOOKED_RULES) as (keyof typeof LOOKED_RULES)[];

/** All filters but for dates of recording. */
export const FILTER_RULES = { ...INDEXED_RULES, ...LOOKED_RULES } satisfies Record<
  keyof ListFilter,
  Rule<unknown>
>;

/** The parameters of `list` but for the tenant, which callers name and requests do not. */
export const LIST_RULES = {
  limit: LIMIT,
  cursor: TEXT,
  order: ORDER,
  ...FILTER_RULES,
  from: FROM,
  to: TO,
  startDate: FROM,
  endDate: TO,
} satisfies Record<Exclude<keyof ListQuery, 'tenantId'>, Rule<unknown>>;

/**
 * Checks a query. Only strings and lists of strings reach a filter: an object such as `{ $ne: null }` would be a command to
 * the database.
 * @throws AuditError `INVALID_QUERY` with every bad parameter.
 */
export function parseListQuery(query: ListQuery): ParsedQuery {
  const cursor = CURSOR[query.order === 'asc' ? 'asc' : 'desc'];
  const fields = readFields(query, { tenantId: WELL_FORMED, ...LIST_RULES, cursor });
  const { tenantId, limit = DEFAULT_LIMIT, order = 'desc', cursor: after, ...filters } = fields;
  const { from, to, startDate, endDate, ...wanted } = filters;
  const dates = { from: from ?? startDate, to: to ?? endDate };
  const { filter, conditions } = parseFilter(wanted);
  return omitUndefined({ tenantId, limit, order, after, ...filter, ...dates, conditions }) as ParsedQuery;
}

/** The filters among checked parameters, such as those of a request, whose rules have been asked already. */
export function readFilter(checked: object): ReturnType<typeof parseFilter> {
  const given = Object.entries(FILTER_RULES as Record<string, Rule<unknown>>).map(([name, { read }]) => [
    name,
    read((checked as Record<string, unknown>)[name]),
  ]);
  return parseFilter(omitUndefined(Object.fromEntries(given) as object));
}

/** What filters ask of an index, and of each entry. */
export function parseFilter(fields: Fields<typeof FILTER_RULES>): {
  filter: EntryFilter;
  conditions: Conditions | undefined;
} {
  const { actor, action, resource, outcome, resourceType, text, ...others } = fields;
  const { notActor, onBehalfOf, ipAddress, requestId, occurredFrom, occurredTo } = others;
  const [actions, notAction] = parted(action);
  const [outcomes, notOutcome] = parted(outcome);
  const [types, notResourceType] = parted(resourceType);
  const filter = {
    actor,
    action: asGiven(action, actions?.map(actionFilter)),
    resource,
    outcome: asGiven(outcome, outcomes as Outcome[] | undefined),
  };
  const lists = { notActor, onBehalfOf, ipAddress, requestId };
  const conditions = omitUndefined({
    ...Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, values && listOf(values)])),
    ...{ notAction: notAction?.map(actionFilter), notOutcome, resourceType: types, notResourceType },
    ...{ occurredFrom, occurredTo, words: text === undefined ? undefined : wordsOf(text) },
  }) as Conditions;
  return {
    filter: omitUndefined(filter),
    conditions: Object.keys(conditions).length > 0 ? conditions : undefined,
  };
}

/** The values that are asked for, and those that are excluded by `!`; undefined where there are none. */
function parted(
  given: OneOrMore<string> | undefined,
): [asked: string[] | undefined, excluded: string[] | undefined] {
  const values = listOf(given);
  const asked = values.filter((value) => !value.startsWith('!'));
  const excluded = values.filter((value) => value.startsWith('!')).map((value) => value.slice(1));
  return [asked.length > 0 ? asked : undefined, excluded.length > 0 ? excluded : undefined];
}

/** One where one was given, so that a query stays as simple as it was asked. */
function asGiven<T>(given: unknown, values: readonly T[] | undefined): OneOrMore<T> | undefined {
  return Array.isArray(given) ? values : values?.[0];
}

/** `org.*` means all names that begin with `org.`. */
export function actionFilter(action: string): ActionFilter {
  return action.endsWith('*') ? { name: action.slice(0, -1), prefix: true } : { name: action, prefix: false };
}

function cursorRule(order: 'asc' | 'desc'): Rule<number> {
  return {
    rule: 'the `nextCursor` of a page in the same order',
    schema: { type: 'string' },
    read: (value) => (typeof value === 'string' ? (parseCursor(value, order) ?? undefined) : undefined),
  };
}
