import type { mongo } from 'mongoose';
import type { Turn } from '../lib/store';

/** A turn is kept beside the outbox: it may be lost at any time. */
interface TurnDocument {
  _id: string;
  holder: string | null;
  count: number;
}

const DUPLICATE_KEY = 11_000;

export async function readTurn(outbox: mongo.Collection, tenantId: string): Promise<Turn> {
  const document = (await turns(outbox).findOne({ _id: turnId(tenantId) })) ?? { holder: null, count: 0 };
  return { holder: document.holder, count: document.count };
}

export async function takeTurn(
  outbox: mongo.Collection,
  tenantId: string,
  holder: string,
  { holder: before, count }: Turn,
): Promise<boolean> {
  const filter = { _id: turnId(tenantId), holder: before, count };
  try {
    const result = await turns(outbox).updateOne(
      filter,
      { $set: { holder, count: count + 1 } },
      { upsert: count === 0 },
    );
    return result.modifiedCount + result.upsertedCount === 1;
  } catch (error) {
    if ((error as { code?: unknown }).code === DUPLICATE_KEY) return false; // two made the first at once
    throw error;
  }
}

export async function passTurn(outbox: mongo.Collection, tenantId: string, holder: string): Promise<void> {
  await turns(outbox).updateOne(
    { _id: turnId(tenantId), holder },
    { $set: { holder: null }, $inc: { count: 1 } },
  );
}

/** No item of the outbox has such a key: those are UUIDs. */
function turnId(tenantId: string): string {
  return `turn:${tenantId}`;
}

function turns(outbox: mongo.Collection): mongo.Collection<TurnDocument> {
  return outbox as unknown as mongo.Collection<TurnDocument>;
}
