import type { IndexDefinition, mongo } from 'mongoose';
import { AuditError } from '../lib/errors';
import { isNotAllowed } from './store/error-codes';

/** An index of the entries. Each begins with the tenant and ends with `seq`, so that it returns entries in that order. */
export interface EntryIndex {
  key: Record<string, 1>;
  unique?: true;
}

/** Prevents a fork of the chain: two entries of a tenant cannot have the same `seq`. */
const NO_FORK_INDEX: EntryIndex = { key: { tenantId: 1, seq: 1 }, unique: true };

/** The unique index of the chain, and one index for each filter of `list`. */
export const INDEXES: readonly (EntryIndex & { key: IndexDefinition })[] = [
  NO_FORK_INDEX,
  { key: { tenantId: 1, actor: 1, seq: 1 } },
  { key: { tenantId: 1, action: 1, seq: 1 } },
  { key: { tenantId: 1, resource: 1, seq: 1 } },
  { key: { tenantId: 1, outcome: 1, seq: 1 } },
  { key: { tenantId: 1, recordedAt: 1, seq: 1 } },
];

/**
 * Creates the indexes. Where the database role may not, checks that the chain's index exists.
 * @throws AuditError `STORE_UNAVAILABLE` without that index: several processes could fork the chain.
 */
export async function ensureIndexes(collection: mongo.Collection): Promise<void> {
  try {
    await collection.createIndexes(INDEXES.map(({ key, unique }) => ({ key, ...(unique && { unique }) })));
  } catch (error) {
    if (!isNotAllowed(error)) throw error;
    await assertChainIndex(collection, error);
  }
}

async function assertChainIndex(collection: mongo.Collection, cause: unknown): Promise<void> {
  const indexes = await collection.listIndexes().toArray();
  if (
    indexes.some(
      ({ key, unique }) => unique === true && JSON.stringify(key) === JSON.stringify(NO_FORK_INDEX.key),
    )
  )
    return;
  const what = `The collection ${collection.collectionName} has no unique index on tenantId and seq`;
  const mend = 'this database role may not create it: create it as another user';
  throw new AuditError('STORE_UNAVAILABLE', `${what}, and ${mend}.`, { cause });
}
