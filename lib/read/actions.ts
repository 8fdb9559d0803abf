import type { Store } from '../store/store';
import { readFields } from './fields';
import { WELL_FORMED, wholeNumberRule } from './rules';

/** Which names of actions `listActions` gives. */
export interface ActionsQuery {
  tenantId: string;
  /** What they begin with, taken literally; all do when left out. */
  prefix?: string | undefined;
  /** 1–100; 20 when left out. */
  limit?: number | undefined;
}

const DEFAULT_LIMIT = 20;

export const ACTIONS_RULES = {
  tenantId: WELL_FORMED,
  prefix: WELL_FORMED,
  limit: wholeNumberRule(100, DEFAULT_LIMIT),
};

/**
 * The names of a tenant's actions that begin with a prefix, ascending; each costs one look into the index, however many
 * entries have it.
 * @throws AuditError `INVALID_QUERY`.
 */
export async function listActions(query: ActionsQuery, store: Store): Promise<string[]> {
  const { tenantId, prefix = '', limit = DEFAULT_LIMIT } = readFields(query, ACTIONS_RULES);
  return store.actionNames(tenantId, prefix, limit);
}
