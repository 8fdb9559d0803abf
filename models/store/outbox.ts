import { inspect } from 'node:util';
import type { ClientSession, mongo } from 'mongoose';
import { AuditError } from '../../lib/errors';
import { type OutboxItem, type Session } from '../../lib/store/store';
import { readAll } from './cursor-batches';

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

/** The order in which items were written: keys sort by time, too, where several were in one millisecond. */
const OLDEST_FIRST = { at: 1, _id: 1 } as const;

/** MongoDB's error code for a role that may not create indexes: the outbox works without, if slower when it is long. */
const NOT_ALLOWED = new Set<unknown>([13, 8000]);

/** Made before it is first needed: within a transaction not every server makes a collection. */
export async function ensureOutbox(outbox: mongo.Collection): Promise<void> {
  try {
    await outbox.createIndexes([{ key: OLDEST_FIRST }]);
  } catch (error) {
    if (!NOT_ALLOWED.has((error as { code?: unknown }).code)) throw error;
  }
}

export async function addItem(
  ready: Promise<mongo.Collection>,
  { key, at, text }: OutboxItem,
  given: Session,
  committed: () => void,
): Promise<void> {
  const session = given as Transacting;
  const document: OutboxDocument = { _id: key, at: new Date(at), event: text };
  const { transaction } = session;
  const inTransaction = session.inTransaction();
  const outbox = await ready;
  if (session.transaction !== transaction || session.inTransaction() !== inTransaction) throw late();
  await outbox.insertOne(document as never, {
    session,
    ...(!inTransaction && { writeConcern: { w: 'majority' } }),
  });
  if (inTransaction) afterCommit(session, transaction, committed);
  else committed();
}

/** Turns, which are kept here, too, have a holder. */
export const ITEMS = { holder: { $exists: false } };

/** Its caller went on, and perhaps aborted what the event belongs to. */
function late(): AuditError {
  const mend = 'await event() before you commit or abort';
  return new AuditError(
    'INVALID_OPTIONS',
    `The event was not recorded: its transaction had ended when it was written: ${mend}.`,
  );
}

/** The oldest items but for the first `skip`. */
export async function readItems(
  outbox: mongo.Collection,
  limit: number,
  skip: number,
): Promise<OutboxItem[]> {
  const cursor = outbox.find(ITEMS, { readConcern: 'majority', readPreference: 'primary', batchSize: limit });
  const documents = await readAll(cursor.sort(OLDEST_FIRST).skip(skip).limit(limit));
  return (documents as unknown as Record<keyof OutboxDocument, unknown>[]).map(toItem);
}

/** What somebody else has put there, with a key or event that is no text, is an item that cannot be read. */
function toItem({ _id, at, event }: Record<keyof OutboxDocument, unknown>): OutboxItem {
  const time = at instanceof Date ? at.getTime() : NaN;
  const ours = typeof _id === 'string' && typeof event === 'string';
  return {
    key: typeof _id === 'string' ? _id : inspect(_id),
    at: Number.isNaN(time) ? 0 : time,
    text: ours ? event : '',
  };
}

export async function removeItems(outbox: mongo.Collection, keys: readonly string[]): Promise<void> {
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
