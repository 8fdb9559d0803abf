import type { mongo } from 'mongoose';
import { AuditError } from '../lib/errors';
import type { CollectionNames } from './collections';
import { isUnsupported } from './store/error-codes';
import { PRIMARY_READ } from './store/read-write-concerns';
import { withTimeLimit } from './store/time-limit';

/** A collection as the metadata of a sharded cluster describes it. */
interface ShardedCollection {
  _id: string;
  key?: Record<string, unknown>;
  dropped?: boolean;
  /** Of a collection that is on one shard, and in the metadata all the same (MongoDB 8). */
  unsplittable?: boolean;
}

/**
 * Makes sure that no shard key divides a tenant's chain: `_id` and a shard's own majority are of one shard alone.
 * @throws AuditError `UNSUITABLE_COLLECTION`.
 */
export async function assertSharding(db: mongo.Db, names: CollectionNames): Promise<void> {
  const sharded = await readSharded(db, names);
  if (!sharded) return assertTargeted(db.collection(names.entries));
  for (const { _id, key = {} } of sharded) {
    const isOfEntries = _id === `${db.databaseName}.${names.entries}`;
    const allowed = isOfEntries ? 'tenantId' : '_id';
    if (Object.keys(key).join() !== allowed) throw divided(_id, JSON.stringify(key), isOfEntries);
  }
}

/** Those of the ledger's collections that are sharded; null where the role may not read it. */
async function readSharded(db: mongo.Db, names: CollectionNames): Promise<ShardedCollection[] | null> {
  const $in = Object.values(names).map((name: string) => `${db.databaseName}.${name}`);
  try {
    const found = db.client
      .db('config')
      .collection('collections')
      .find({ _id: { $in } } as never, { ...PRIMARY_READ, raw: false, promoteValues: true });
    const described = (await withTimeLimit(found.toArray())) as unknown as ShardedCollection[];
    return described.filter(({ dropped, unsplittable }) => dropped !== true && unsplittable !== true);
  } catch (error) {
    if (isUnsupported(error)) return null;
    throw error;
  }
}

/**
 * The same by a plan: a shard filters out what it does not own, unless the query has the whole shard key. So the plan for
 * one tenant has no such filter if the key is the tenant.
 */
async function assertTargeted(entries: mongo.Collection): Promise<void> {
  try {
    const plan = await withTimeLimit(entries.find({ tenantId: 'any' }, PRIMARY_READ).explain('queryPlanner'));
    if (isFiltered(plan)) throw divided(entries.namespace, 'one that has more members than tenantId', true);
  } catch (error) {
    if (!isUnsupported(error)) throw error; // a server that explains nothing; see docs/servers.md
  }
}

/** Whether a plan, as a server explains it, filters by ownership of chunks. */
export function isFiltered(plan: unknown): boolean {
  return JSON.stringify(plan).includes('"SHARDING_FILTER"');
}

function divided(namespace: string, key: string, isOfEntries: boolean): AuditError {
  const mend = isOfEntries
    ? "shard it by { tenantId: 1 } or { tenantId: 'hashed' }, so that a tenant is on one shard"
    : "leave it unsharded, or shard it by { _id: 1 } or { _id: 'hashed' }";
  return new AuditError(
    'UNSUITABLE_COLLECTION',
    `The collection ${namespace} is sharded by another key, ${key}: ${mend}. Nothing is recorded in it.`,
  );
}
