import { inspect } from 'node:util';
import type { ClientSession, mongo } from 'mongoose';
import { AuditError } from '../../lib/errors';
import { type OutboxItem, type Session } from '../../lib/store/store';
import { readAll } from './cursor-batches';
import { isIndexConflict, isNotAllowed } from './error-codes';
import { DURABLE_INDEXES, MAJORITY_READ, MAJORITY_WRITE } from './read-write-concerns';
import { withTimeLimit } from './time-limit';

/** The driver makes a new `transaction` object for each attempt of a transaction. Its types do not declare it. */
type TransactionSession = ClientSession & { transaction: object };

/** An event in the outbox. */
interface OutboxDocument {
  _id: string;
  at: Date;
  /** As JSON text, because BSON does not allow every member name that an event may have. */
  event: string;
}

/** Keys are UUIDs that sort by time. They give the order of items of the same millisecond. */
const OLDEST_FIRST = { at: 1, _id: 1 } as const;

/**
 * Creates the collection and its index, unless they are there. Before the first transaction, because not every server can create a collection
 * within one. Without the index, which the role may not be allowed to create, a long outbox is slower.
 */
export async function ensureOutbox(outbox: mongo.Collection): Promise<void> {
  try {
    await withTimeLimit(outbox.createIndexes([{ key: OLDEST_FIRST }], DURABLE_INDEXES));
  } catch (error) {
    if (!isNotAllowed(error) && !isIndexConflict(error)) throw error;
  }
}

export async function addItems(
  ready: Promise<mongo.Collection>,
  items: readonly OutboxItem[],
  given: Session,
  committed: () => void,
): Promise<void> {
  const session = given as TransactionSession;
  const documents = items.map(({ key, at, text }): OutboxDocument => ({
    _id: key,
    at: new Date(at),
    event: text,
  }));
  const { transaction } = session;
  const inTransaction = session.inTransaction();
  const outbox = await ready;
  if (session.transaction !== transaction || session.inTransaction() !== inTransaction) throw lateEvent();
  const options = { session, ...(!inTransaction && MAJORITY_WRITE) };
  const [only, ...others] = documents;
  if (others.length > 0) await outbox.insertMany(documents as never[], options);
  else if (only) await outbox.insertOne(only as never, options);
  if (inTransaction) afterCommit(session, transaction, committed);
  else committed();
}

/** The collection also has leases, which have a `holder`. */
export const ITEMS = { holder: { $exists: false } };

/** The caller did not wait: it may have aborted the transaction that the event belongs to. */
function lateEvent(): AuditError {
  const mend = 'await event() before you commit or abort';
  return new AuditError(
    'INVALID_OPTIONS',
    `The event was not recorded: its transaction had ended when it was written: ${mend}.`,
  );
}

/** The oldest items, without the first `skip`. */
export async function readItems(
  outbox: mongo.Collection,
  limit: number,
  skip: number,
): Promise<OutboxItem[]> {
  const cursor = outbox.find(ITEMS, { ...MAJORITY_READ, batchSize: limit });
  const documents = await readAll(cursor.sort(OLDEST_FIRST).skip(skip).limit(limit));
  return (documents as unknown as Record<keyof OutboxDocument, unknown>[]).map(toItem);
}

/** A document that this package did not write, such as `{ _id: 1 }`, becomes an item with an empty text. */
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
  await outbox.deleteMany({ _id: { $in: keys } } as never, MAJORITY_WRITE);
}

/** Callbacks by transaction object. The objects of aborted attempts are garbage-collected, with their callbacks. */
const commitCallbacks = new WeakMap<object, (() => void)[]>();

const patched = new WeakSet<ClientSession>();

/** The driver has no event for a commit, so this wraps the session's `commitTransaction`. */
function afterCommit(session: TransactionSession, transaction: object, call: () => void): void {
  const calls = commitCallbacks.get(transaction) ?? [];
  commitCallbacks.set(transaction, [...calls, call]);
  if (patched.has(session)) return;
  patched.add(session);
  const commit = session.commitTransaction.bind(session);
  session.commitTransaction = async (...args: Parameters<typeof commit>) => {
    const { transaction: committed } = session;
    await commit(...args);
    const calls = commitCallbacks.get(committed) ?? [];
    commitCallbacks.delete(committed);
    for (const call of calls) call();
  };
}
