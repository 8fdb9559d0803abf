import type { IndexDefinition, mongo } from 'mongoose';
import { AuditError } from '../lib/errors';

/** An index of the entries. Each starts with the tenant, and gives its entries in the order of `seq`. */
export interface EntryIndex {
  key: Record<string, 1>;
  unique?: true;
}

/** The index that keeps a chain from forking: a number is given once. */
const CHAIN: EntryIndex = { key: { tenantId: 1, seq: 1 }, unique: true };

/** The indexes of the entries: the chain's own, and one for each filter of `list`. */
export const INDEXES: readonly (EntryIndex & { key: IndexDefinition })[] = [
  CHAIN,
  { key: { tenantId: 1, actor: 1, seq: 1 } },
  { key: { tenantId: 1, action: 1, seq: 1 } },
  { key: { tenantId: 1, resource: 1, seq: 1 } },
  { key: { tenantId: 1, outcome: 1, seq: 1 } },
  { key: { tenantId: 1, recordedAt: 1, seq: 1 } },
];

/** MongoDB's error codes for a role that may not create indexes. */
const NOT_ALLOWED = new Set<unknown>([13, 8000]);

/**
 * Creates the indexes, or, where the database role may not, makes sure that the chain's is there.
 * @throws AuditError `STORE_UNAVAILABLE` without it: several processes would fork the chain.
 */
export async function ensureIndexes(collection: mongo.Collection): Promise<void> {
  try {
    await collection.createIndexes(INDEXES.map(({ key, unique }) => ({ key, ...(unique && { unique }) })));
  } catch (error) {
    if (!NOT_ALLOWED.has((error as { code?: unknown }).code)) throw error;
    await assertChainIndex(collection, error);
  }
}

async function assertChainIndex(collection: mongo.Collection, cause: unknown): Promise<void> {
  const indexes = await collection.listIndexes().toArray();
  if (indexes.some(({ key, unique }) => unique === true && JSON.stringify(key) === JSON.stringify(CHAIN.key)))
    return;
  const what = `The collection ${collection.collectionName} has no unique index on tenantId and seq`;
  const mend = 'this database role may not create it: create it as another user';
  throw new AuditError('STORE_UNAVAILABLE', `${what}, and ${mend}.`, { cause });
}
