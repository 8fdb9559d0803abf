import { types } from 'node:util';
import { DAY, isPrintable, LAST, parseDay, parseInstant } from '../record/instant';
import { present } from '../present';
import type { ActionFilter } from '../store';
import { OUTCOMES, type Outcome } from '../vocabulary';
import { parseCursor } from './cursor';
import { readFields } from './fields';

/** Which entries `list` gives. */
export interface ListQuery {
  tenantId: string;
  /** 1–1000; 100 when left out. */
  limit?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  /** By `seq`; `desc`, newest first, when left out. */
  order?: 'asc' | 'desc' | undefined;
  actor?: string | undefined;
  /** A name, or a prefix such as `org.*`. */
  action?: string | undefined;
  resource?: string | undefined;
  outcome?: Outcome | undefined;
  /** `recordedAt` from this instant; a date alone is the start of that UTC day. */
  from?: Date | string | undefined;
  /** `recordedAt` before this instant; a date alone is the end of that UTC day. */
  to?: Date | string | undefined;
}

/** A query checked: instants in milliseconds since 1970, the cursor as the `seq` after which the page begins. */
export interface ParsedQuery {
  tenantId: string;
  limit: number;
  order: 'asc' | 'desc';
  after?: number;
  actor?: string;
  action?: ActionFilter;
  resource?: string;
  outcome?: Outcome;
  from?: number;
  to?: number;
}

const MAX_LIMIT = 1000;
const DEFAULT_LIMIT = 100;

/** What a parameter may be, as JSON Schema: what OpenAPI says of it. */
export type Schema = Readonly<Record<string, unknown>>;

/** Gives what a parameter says, or undefined when it breaks its rule. */
export type Rule<T> = { rule: string; schema: Schema; read: (value: unknown) => T | undefined };

export const TEXT: Rule<string> = {
  rule: 'a string',
  schema: { type: 'string' },
  read: (value) => (typeof value === 'string' ? value : undefined),
};
export const TENANT: Rule<string> = {
  rule: 'a string without lone surrogates',
  schema: { type: 'string' },
  read: (value) => (typeof value === 'string' && value.isWellFormed() ? value : undefined),
};
/** What is on or off. */
export const FLAG: Rule<boolean> = {
  rule: 'true or false',
  schema: { type: 'boolean' },
  read: (value) => (typeof value === 'boolean' ? value : undefined),
};
const LIMIT = wholeNumber(MAX_LIMIT, DEFAULT_LIMIT);
const ORDER = oneOf(['asc', 'desc'] as const);
export const OUTCOME = oneOf(OUTCOMES);
export const FROM = instant((day) => day);
/** The last day of all has no next one: it ends a millisecond early. */
export const TO = instant((day) => Math.min(day + DAY, LAST));
const CURSOR = { asc: cursorRule('asc'), desc: cursorRule('desc') };

/** The parameters of `list` but for the tenant, which callers name and requests do not. */
export const LIST_RULES = {
  limit: LIMIT,
  cursor: TEXT,
  order: ORDER,
  actor: TEXT,
  action: TEXT,
  resource: TEXT,
  outcome: OUTCOME,
  from: FROM,
  to: TO,
} satisfies Record<Exclude<keyof ListQuery, 'tenantId'>, Rule<unknown>>;

/**
 * Checks a query. Only strings reach a filter: an object such as `{ $ne: null }` would be a command to the database.
 * @throws AuditError `INVALID_QUERY` with every bad parameter.
 */
export function parseListQuery(query: ListQuery): ParsedQuery {
  const cursor = CURSOR[query.order === 'asc' ? 'asc' : 'desc'];
  const fields = readFields(query, { tenantId: TENANT, ...LIST_RULES, cursor });
  const { limit = DEFAULT_LIMIT, order = 'desc', cursor: after, action, ...equal } = fields;
  const parsed = {
    ...equal,
    limit,
    order,
    after,
    action: action === undefined ? undefined : actionFilter(action),
  };
  return present(parsed) as ParsedQuery;
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

/** A number from 1 to `max`; `given` when it is left out. */
export function wholeNumber(max: number, given: number): Rule<number> {
  return {
    rule: `a whole number from 1 to ${max}`,
    schema: { type: 'integer', minimum: 1, maximum: max, default: given },
    read: (value) =>
      Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max ? Number(value) : undefined,
  };
}

export function oneOf<Choice extends string>(choices: readonly Choice[]): Rule<Choice> {
  return {
    rule: `one of ${choices.join(', ')}`,
    schema: { type: 'string', enum: choices },
    read: (value) => choices.find((choice) => choice === value),
  };
}

/** A `Date`, an RFC 3339 date-time, or a date alone, of which `ofDay` says which instant it stands for. */
function instant(ofDay: (start: number) => number): Rule<number> {
  const read = (value: unknown): number | null => {
    if (types.isDate(value)) return value.getTime();
    if (typeof value !== 'string') return null;
    const day = parseDay(value);
    return day === null ? parseInstant(value) : ofDay(day);
  };
  return {
    rule: 'a Date, an RFC 3339 date-time with its zone, or a date such as 2026-11-21',
    schema: { anyOf: ['date-time', 'date'].map((format) => ({ type: 'string', format })) },
    read: (value) => {
      const time = read(value);
      return time !== null && isPrintable(time) ? time : undefined;
    },
  };
}
