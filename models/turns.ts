import type { mongo } from 'mongoose';

/** A turn is kept beside the outbox, while somebody has it. It may be lost at any time. */
interface TurnDocument {
  _id: string;
  holder: string;
}

const DUPLICATE_KEY = 11_000;

export async function readTurn(outbox: mongo.Collection, work: string): Promise<string | null> {
  return (await turns(outbox).findOne({ _id: turnId(work) }))?.holder ?? null;
}

export async function takeTurn(
  outbox: mongo.Collection,
  work: string,
  holder: string,
  seen: string | null,
): Promise<boolean> {
  const _id = turnId(work);
  if (seen !== null) {
    const { modifiedCount } = await turns(outbox).updateOne({ _id, holder: seen }, { $set: { holder } });
    return modifiedCount === 1;
  }
  try {
    await turns(outbox).insertOne({ _id, holder });
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === DUPLICATE_KEY) return false;
    throw error;
  }
}

export async function passTurn(outbox: mongo.Collection, work: string, holder: string): Promise<void> {
  await turns(outbox).deleteOne({ _id: turnId(work), holder });
}

/** No item of the outbox has such a key: those are UUIDs. */
function turnId(work: string): string {
  return `turn:${work}`;
}

function turns(outbox: mongo.Collection): mongo.Collection<TurnDocument> {
  return outbox as unknown as mongo.Collection<TurnDocument>;
}
