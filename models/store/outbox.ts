import { inspect } from 'node:util';
import { type ClientSession, mongo } from 'mongoose';
import { AuditError } from '../../lib/errors';
import { MAX_LENGTH as MAX_KEPT_LENGTH } from '../../lib/event/draft-json';
import { newId } from '../../lib/event/id';
import type { OutboxItem, OutboxWrite, Session, StoredItem, SubjectItem } from '../../lib/store/store';
import { shorten } from '../../lib/util/quote';
import {
  documentOf,
  type Element,
  elements,
  ForeignValue,
  MalformedBson,
  readDate,
  readJson,
  readString,
} from './bson-reader';
import { cursorBatches, readAllRaw } from './cursor-batches';
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
  subject?: string;
  follows?: readonly string[];
  /** Names the transaction that wrote it. */
  txn?: string;
}

/** Keys are UUIDs that sort by time. They give the order of items of the same millisecond. */
const OLDEST_FIRST = { at: 1, _id: 1 } as const;

/** The items of a changed document. Most items have no subject. */
const BY_SUBJECT = { key: { subject: 1 }, sparse: true } as const;

/** Items of one transaction whose commit is told. Others are found by a sweep, and are in nobody's memory until then. */
const TOLD = 2_000;

/**
 * Creates the collection and its index, unless they are there. Before the first transaction, because not every server can create a collection
 * within one. Without the index, which the role may not be allowed to create, a long outbox is slower.
 */
export async function ensureOutbox(outbox: mongo.Collection): Promise<void> {
  try {
    await withTimeLimit(outbox.createIndexes([{ key: OLDEST_FIRST }, BY_SUBJECT], DURABLE_INDEXES));
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
  if (inTransaction) afterCommit(session, items[0]?.key ?? newId(), committed);
  else committed();
}

/** The items of subjects, as the session's transaction sees them. */
export async function readSubjectItems(
  outbox: mongo.Collection,
  subjects: readonly string[],
  given: Session,
): Promise<SubjectItem[]> {
  const session = given as TransactionSession;
  const own = nameOf(session.transaction);
  const filter = { subject: { $in: subjects }, ...ITEMS };
  const options = { session, raw: true, projection: { subject: 1, txn: 1 }, batchSize: subjects.length + 1 };
  const found = await readAllRaw(outbox.find(filter, options));
  return found.map(toItem).flatMap(({ subject, txn, ...item }) =>
    // What is no item of a ledger is linked by nobody, so nothing follows it.
    subject === undefined ? [] : [{ ...item, subject, isOwn: txn === own }],
  );
}

/** Writes items of subjects in the session's transaction, and takes back what it had written. */
export async function writeItems(
  outbox: mongo.Collection,
  writes: readonly OutboxWrite[],
  given: Session,
  committed: (keys: readonly string[]) => void,
): Promise<void> {
  const session = given as TransactionSession;
  const { transaction } = session;
  const txn = nameOf(transaction);
  const gone = writes.filter((write) => write.text === null || write.isReplacement).map(({ key }) => key);
  const documents = writes.flatMap((write) => (write.text === null ? [] : [toDocument(write, txn)]));
  if (gone.length > 0) await outbox.deleteMany({ _id: { $in: gone } } as never, { session });
  const [only, ...others] = documents;
  if (others.length > 0) await outbox.insertMany(documents as never[], { session });
  else if (only) await outbox.insertOne(only as never, { session });
  for (const write of writes) {
    if (write.text === null) commitCallbacks.get(transaction)?.delete(write.key);
    else afterCommit(session, write.key, committed);
  }
}

function toDocument({ key, at, text, subject, follows }: OutboxItem, txn: string): OutboxDocument {
  return {
    _id: key,
    at: new Date(at),
    event: text,
    txn,
    ...(subject !== undefined && { subject }),
    ...(follows && follows.length > 0 && { follows }),
  };
}

/** Those of the items that are still there, and are not refused. */
export async function findItems(outbox: mongo.Collection, keys: readonly string[]): Promise<StoredItem[]> {
  const filter = { _id: { $in: keys }, ...ITEMS } as never;
  return (await readAllRaw(outbox.find(filter, { ...MAJORITY_READ, raw: true }))).map(toItem);
}

/** Those of the subjects that have items which are not refused. */
export async function findWaitingSubjects(
  outbox: mongo.Collection,
  subjects: readonly string[],
): Promise<string[]> {
  const filter = { subject: { $in: subjects }, ...ITEMS };
  const found: unknown[] = await withTimeLimit(outbox.distinct('subject', filter, MAJORITY_READ));
  return found.filter((subject) => typeof subject === 'string');
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

/** Bytes of items that are read at a time, about. */
const PAGE_BYTES = 16 * 1024 * 1024;

/** Members that an item has: one with more was not written by a ledger. */
const MEMBERS = 6;

/** The oldest items, without the first `skip`. */
export async function readItems(
  outbox: mongo.Collection,
  limit: number,
  skip: number,
): Promise<StoredItem[]> {
  const cursor = outbox.find(ITEMS, { ...MAJORITY_READ, raw: true, batchSize: limit });
  const items: StoredItem[] = [];
  let bytes = 0;
  for await (const batch of cursorBatches(cursor.sort(OLDEST_FIRST).skip(skip).limit(limit))) {
    for (const document of batch as unknown as Buffer[]) {
      items.push(toItem(document));
      bytes += document.length;
    }
    if (bytes > PAGE_BYTES) break;
  }
  return items;
}

/** A document that this package did not write, such as `{ _id: 1 }`, becomes an item with an empty text. */
function toItem(bytes: Buffer): ReadItem {
  const item: ReadItem = { key: '', at: 0, text: '' };
  try {
    let count = 0;
    for (const element of elements(bytes)) {
      if (element.name === '_id') readName(bytes, element, item);
      if (++count > MEMBERS) throw new ForeignValue('an item has no such member');
      if (element.name === 'at') item.at = Date.parse(readDate(bytes, element));
      if (element.name === 'event' && element.end - element.start <= MAX_TEXT)
        item.text = readString(bytes, element);
      if (element.name === 'subject' || element.name === 'txn')
        item[element.name] = readString(bytes, element);
      if (element.name === 'follows') item.follows = readKeys(bytes, element);
    }
    return 'id' in item ? { ...item, text: '' } : item;
  } catch (error) {
    if (!(error instanceof ForeignValue || error instanceof MalformedBson)) throw error;
    return { ...item, text: '' };
  }
}

/** Bytes that the text of an event may have. */
const MAX_TEXT = 3 * MAX_KEPT_LENGTH;

/** An item, and the transaction that wrote it. */
interface ReadItem extends StoredItem {
  txn?: string;
}

/** Bytes that the keys may have which an item follows: a ledger writes a hundred at most. */
const MAX_KEYS = 64 * 1024;

function readKeys(bytes: Buffer, element: Element): string[] {
  if (element.end - element.start > MAX_KEYS) throw new ForeignValue('an item follows few others');
  const keys = readJson(bytes, element);
  if (Array.isArray(keys) && keys.every((key) => typeof key === 'string')) return keys;
  throw new ForeignValue('the keys of other items are texts');
}

function readName(bytes: Buffer, element: Element, item: StoredItem): void {
  if (element.type === 'string') {
    item.key = readString(bytes, element);
    return;
  }
  item.id = mongo.BSON.deserialize(documentOf(bytes, element), { promoteValues: false })['_id'];
  item.key = shorten(inspect(item.id), 100);
}

/** Leaves items where they are, for somebody to look at. */
export async function refuseItems(outbox: mongo.Collection, ids: readonly unknown[]): Promise<number> {
  const filter = { _id: { $in: ids }, ...ITEMS } as never;
  const { modifiedCount } = await outbox.updateMany(filter, { $set: { holder: REFUSED } }, MAJORITY_WRITE);
  return modifiedCount;
}

/** Who holds an item that can never be recorded. */
const REFUSED = 'refused';

export async function removeItems(outbox: mongo.Collection, keys: readonly string[]): Promise<void> {
  await outbox.deleteMany({ _id: { $in: keys } } as never, MAJORITY_WRITE);
}

/**
 * What is to be called when a transaction is committed, by transaction object and by the key of the item. The objects of
 * aborted attempts are garbage-collected, with their callbacks.
 */
const commitCallbacks = new WeakMap<object, Map<string, (keys: readonly string[]) => void>>();

/** Names of transactions, by transaction object. */
const names = new WeakMap<object, string>();

function nameOf(transaction: object): string {
  const name = names.get(transaction) ?? newId();
  names.set(transaction, name);
  return name;
}

const patched = new WeakSet<ClientSession>();

/**
 * Calls when the session's transaction is committed: a function once, with all keys that it is to be called for. The driver has
 * no event for a commit, so this wraps the session's `commitTransaction`.
 */
export function afterCommit(given: Session, key: string, call: (keys: readonly string[]) => void): void {
  const session = given as TransactionSession;
  const { transaction } = session;
  const calls = commitCallbacks.get(transaction) ?? new Map<string, typeof call>();
  commitCallbacks.set(transaction, calls);
  if (calls.size < TOLD || calls.has(key)) calls.set(key, call);
  if (patched.has(session)) return;
  patched.add(session);
  const commit = session.commitTransaction.bind(session);
  session.commitTransaction = async (...args: Parameters<typeof commit>) => {
    const { transaction: committed } = session;
    await commit(...args);
    const keysOf = new Map<typeof call, string[]>();
    for (const [key, call] of commitCallbacks.get(committed) ?? []) {
      const keys = keysOf.get(call) ?? [];
      keys.push(key);
      keysOf.set(call, keys);
    }
    commitCallbacks.delete(committed);
    for (const [call, keys] of keysOf) call(keys);
  };
}
