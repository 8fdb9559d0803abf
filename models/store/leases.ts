import type { mongo } from 'mongoose';
import { isDuplicateKey } from './error-codes';
import { PASSING_WRITE, PRIMARY_READ } from './read-write-concerns';

/** A lease is a document in the outbox's collection while a process holds it. It may be lost at any time. */
interface LeaseDocument {
  _id: string;
  holder: string;
}

export async function readLeaseHolder(outbox: mongo.Collection, work: string): Promise<string | null> {
  return (await leases(outbox).findOne({ _id: leaseId(work) }, PRIMARY_READ))?.holder ?? null;
}

export async function acquireLease(
  outbox: mongo.Collection,
  work: string,
  holder: string,
  seen: string | null,
): Promise<boolean> {
  const _id = leaseId(work);
  if (seen !== null) {
    const taken = { $set: { holder } };
    const { modifiedCount } = await leases(outbox).updateOne({ _id, holder: seen }, taken, PASSING_WRITE);
    return modifiedCount === 1;
  }
  try {
    await leases(outbox).insertOne({ _id, holder }, PASSING_WRITE);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

export async function releaseLease(outbox: mongo.Collection, work: string, holder: string): Promise<void> {
  await leases(outbox).deleteOne({ _id: leaseId(work), holder }, PASSING_WRITE);
}

/** Differs from the keys of the outbox's items, which are UUIDs. */
function leaseId(work: string): string {
  return `turn:${work}`;
}

function leases(outbox: mongo.Collection): mongo.Collection<LeaseDocument> {
  return outbox as unknown as mongo.Collection<LeaseDocument>;
}
