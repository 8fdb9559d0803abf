import {
  ACTOR,
  FROM,
  oneOfRule,
  OUTCOME,
  RESOURCE,
  type Rule,
  TEXT,
  TO,
  wholeNumberRule,
  WELL_FORMED,
} from './rules';
import { omitUndefined } from '../util/omit-undefined';
import type { ActionFilter } from '../store/store';
import type { Outcome } from '../vocabulary';
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

const LIMIT = wholeNumberRule(MAX_LIMIT, DEFAULT_LIMIT);
const ORDER = oneOfRule(['asc', 'desc'] as const);
const CURSOR = { asc: cursorRule('asc'), desc: cursorRule('desc') };

/** The parameters of `list` but for the tenant, which callers name and requests do not. */
export const LIST_RULES = {
  limit: LIMIT,
  cursor: TEXT,
  order: ORDER,
  actor: ACTOR,
  action: TEXT,
  resource: RESOURCE,
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
  const fields = readFields(query, { tenantId: WELL_FORMED, ...LIST_RULES, cursor });
  const { limit = DEFAULT_LIMIT, order = 'desc', cursor: after, action, ...equal } = fields;
  const parsed = {
    ...equal,
    limit,
    order,
    after,
    action: action === undefined ? undefined : actionFilter(action),
  };
  return omitUndefined(parsed) as ParsedQuery;
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
