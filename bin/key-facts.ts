import type { Entry } from '../lib/chain/entry';
import { canonicalize } from '../lib/chain/canonical';
import type { StoredKey } from '../lib/store/key-store';
import { isObject } from '../lib/util/complaints';

/** Keys that are looked at one by one. */
const KEYS = 200;

/** The newest entry of the ledger's own chain with an action, about a resource. */
type Newest = (action: string, resource: string) => Promise<Entry | null>;

/**
 * The ids of keys that have not the rights which the ledger's own chain states: somebody has put them into the database, or has
 * given them more there.
 */
export async function unstatedKeys(keys: readonly StoredKey[], newest: Newest): Promise<string[]> {
  const unstated: string[] = [];
  for (const key of keys.filter(({ revokedAt }) => revokedAt === null).slice(0, KEYS)) {
    const stated =
      (await newest('ledger.key.narrowed', key.id)) ?? (await newest('ledger.key.created', key.id));
    if (!isAsStated(key, stated?.metadata)) unstated.push(key.id);
  }
  return unstated;
}

function isAsStated({ scopes, tenants }: StoredKey, stated: unknown): boolean {
  if (!isObject(stated)) return false;
  const given = { scopes: stated['scopes'] ?? null, tenants: stated['tenants'] ?? null };
  return canonicalize({ scopes, tenants } as never) === canonicalize(given as never);
}
