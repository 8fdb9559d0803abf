import type { mongo } from 'mongoose';
import { isStoredKey, type StoredKey } from '../../lib/store/key-store';
import { readAll } from './cursor-batches';
import { MAJORITY_READ, MAJORITY_WRITE } from './read-write-concerns';

/** A key is a document whose `_id` is its own. The index that each collection has is all that it needs. */
type KeyDocument = Omit<StoredKey, 'id'> & { _id: string };

export async function addKey(keys: mongo.Collection, key: StoredKey): Promise<void> {
  await typed(keys).insertOne(toDocument(key), MAJORITY_WRITE);
}

export async function changeKey(keys: mongo.Collection, key: StoredKey): Promise<boolean> {
  const { _id, ...changed } = toDocument(key);
  const before = { _id, revision: key.revision - 1 };
  const { matchedCount } = await typed(keys).replaceOne(before, changed, MAJORITY_WRITE);
  return matchedCount === 1;
}

export async function readKeys(keys: mongo.Collection, ids?: readonly string[]): Promise<StoredKey[]> {
  const options = { ...MAJORITY_READ, raw: false, promoteValues: true } as const;
  const found = await readAll(typed(keys).find(ids ? { _id: { $in: [...ids] } } : {}, options));
  return found.map(({ _id: id, ...members }) => ({ id, ...members })).filter(isStoredKey);
}

function toDocument({ id, ...members }: StoredKey): KeyDocument {
  return { _id: id, ...members };
}

function typed(keys: mongo.Collection): mongo.Collection<KeyDocument> {
  return keys as unknown as mongo.Collection<KeyDocument>;
}
