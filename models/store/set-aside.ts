import { createHash } from 'node:crypto';
import { mongo } from 'mongoose';
import { AuditError } from '../../lib/errors';
import type { PlacedReading } from '../../lib/store/store';
import { readAllRaw } from './cursor-batches';
import { isDuplicateKey, isNotAllowed } from './error-codes';
import { MAJORITY_READ, MAJORITY_WRITE } from './read-write-concerns';
import { readDocument } from './read-document';
import { withTimeLimit } from './time-limit';

/** Bytes of a document in one of the documents that keep it: with its `_id` it could be larger than the database takes. */
const PART = 8 * 1024 * 1024;

/** Documents whose `_id` begins as that of a tenant's entries, though they are another's, or nobody's. */
export async function readStrangers(
  entries: mongo.Collection,
  tenantId: string,
  limit: number,
): Promise<Buffer[]> {
  const name = encodeURIComponent(tenantId);
  const filter = { _id: { $gte: `${name}:`, $lt: `${name};` }, tenantId: { $ne: tenantId } };
  return readAllRaw(entries.find(filter as never, { ...MAJORITY_READ, raw: true }).limit(limit));
}

export async function readNewest(
  entries: mongo.Collection,
  tenantId: string,
  limit: number,
  skip: number,
): Promise<PlacedReading[]> {
  const cursor = entries.find({ tenantId }, { ...MAJORITY_READ, raw: true });
  const documents = await readAllRaw(cursor.sort({ seq: -1 }).skip(skip).limit(limit));
  return documents.map((bytes) => ({ reading: readDocument(bytes), key: keyOf(bytes) }));
}

/** Copies documents byte for byte, where they may be deleted afterwards. */
export async function keepAside(
  entries: mongo.Collection,
  removed: mongo.Collection,
  name: string,
  keys: readonly unknown[],
): Promise<string[]> {
  await assertMayDelete(entries);
  const digests: string[] = [];
  for (const [i, key] of keys.entries()) {
    const find = entries.find({ _id: key } as never, { ...MAJORITY_READ, raw: true });
    for (const bytes of await readAllRaw(find)) {
      digests.push(createHash('sha256').update(bytes).digest('hex'));
      await keep(removed, `${name}:${String(i).padStart(8, '0')}`, bytes);
    }
  }
  return digests;
}

export async function removeEntries(entries: mongo.Collection, keys: readonly unknown[]): Promise<void> {
  for (const key of keys) await withTimeLimit(entries.deleteOne({ _id: key } as never, MAJORITY_WRITE));
}

/** A role is looked at before anything is done, also for what matches nothing. */
async function assertMayDelete(entries: mongo.Collection): Promise<void> {
  try {
    await withTimeLimit(entries.deleteOne({ _id: `:${new mongo.ObjectId().toHexString()}` } as never));
  } catch (cause) {
    if (!isNotAllowed(cause)) throw cause;
    const what = `This database role may not remove documents from ${entries.collectionName}`;
    const mend = 'open the chain again as a user who may (docs/restore.md)';
    throw new AuditError('STORE_UNAVAILABLE', `${what}: ${mend}.`, { cause });
  }
}

async function keep(removed: mongo.Collection, name: string, bytes: Buffer): Promise<void> {
  for (let at = 0, part = 0; at < bytes.length; at += PART, part++) {
    const kept = {
      _id: `${name}:${part}`,
      at: new Date(),
      bytes: new mongo.Binary(bytes.subarray(at, at + PART)),
    };
    try {
      await withTimeLimit(removed.insertOne(kept as never, MAJORITY_WRITE));
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
}

/** Of whatever type: numbers keep theirs. */
function keyOf(bytes: Buffer): unknown {
  return mongo.BSON.deserialize(bytes, { promoteValues: false })['_id'];
}
