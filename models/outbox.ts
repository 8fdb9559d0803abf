import type { ClientSession, mongo } from 'mongoose';
import { type OutboxItem, type Session } from '../lib/store';

/** The collection of the events that were written in their callers' transactions and are not linked yet. */
export const OUTBOX = 'audit_outbox';

/** The driver has a new `transaction` object for each try of a transaction, though its types do not tell. */
type Transacting = ClientSession & { transaction: object };

/** An event in the outbox. */
interface OutboxDocument {
  _id: string;
  at: Date;
  /** JSON: member names are the caller's, which a document could not hold all. */
  event: string;
}

/** MongoDB's error code for a role that may not create indexes: the outbox works without, if slower when it is long. */
const NOT_ALLOWED = new Set<unknown>([13, 8000]);

/** Made before it is first needed: within a transaction not every server makes a collection. */
export async function ensureOutbox(outbox: mongo.Collection): Promise<void> {
  try {
    await outbox.createIndexes([{ key: { at: 1 } }]);
  } catch (error) {
    if (!NOT_ALLOWED.has((error as { code?: unknown }).code)) throw error;
  }
}

export async function stash(
  outbox: mongo.Collection,
  { key, at, text }: OutboxItem,
  given: Session,
  committed: () => void,
): Promise<void> {
  const session = given as Transacting;
  const document: OutboxDocument = { _id: key, at: new Date(at), event: text };
  const { transaction } = session;
  const inTransaction = session.inTransaction();
  await outbox.insertOne(document as never, {
    session,
    ...(!inTransaction && { writeConcern: { w: 'majority' } }),
  });
  if (inTransaction) afterCommit(session, transaction, committed);
  else committed();
}

/** What has a date is an item: turns are kept here, too. */
export const ITEMS = { at: { $gte: new Date(0) } };

/** The oldest items. What somebody else has put there without a text is one that cannot be read. */
export async function stashed(outbox: mongo.Collection, limit: number): Promise<OutboxItem[]> {
  const cursor = outbox.find(ITEMS, { readConcern: 'majority', readPreference: 'primary', batchSize: limit });
  const documents = (await cursor
    .sort({ at: 1 })
    .limit(limit)
    .toArray()) as unknown as Partial<OutboxDocument>[];
  return documents.map(({ _id, at, event }) => ({
    key: String(_id),
    at: at instanceof Date ? at.getTime() : 0,
    text: typeof event === 'string' ? event : '',
  }));
}

export async function unstash(outbox: mongo.Collection, keys: readonly string[]): Promise<void> {
  await outbox.deleteMany({ _id: { $in: keys } } as never, { writeConcern: { w: 'majority' } });
}

/** What waits for each transaction's commit. One that is aborted, or tried again, is forgotten with its object. */
const waiting = new WeakMap<object, (() => void)[]>();

const watched = new WeakSet<ClientSession>();

/** The driver tells nobody of a commit, so the session's own call does. */
function afterCommit(session: Transacting, transaction: object, call: () => void): void {
  const calls = waiting.get(transaction) ?? [];
  waiting.set(transaction, [...calls, call]);
  if (watched.has(session)) return;
  watched.add(session);
  const commit = session.commitTransaction.bind(session);
  session.commitTransaction = async (...args: Parameters<typeof commit>) => {
    const { transaction: committed } = session;
    await commit(...args);
    const calls = waiting.get(committed) ?? [];
    waiting.delete(committed);
    for (const call of calls) call();
  };
}
