import type { mongo } from 'mongoose';
import type { ChainPlace, ChainWatch, CursorMove, SetAside, StreamRow } from '../../lib/store/stream-store';
import { readAll } from './cursor-batches';
import { isConflict, isDuplicateKey } from './error-codes';
import { MAJORITY_READ, MAJORITY_WRITE, PASSING_WRITE } from './read-write-concerns';
import { withTimeLimit } from './time-limit';

/** All documents of the collection: the version, rows, cursors and what was set aside, told apart by their ids. */
interface StreamDocument extends mongo.BSON.Document {
  _id: string;
}

type Streams = mongo.Collection<StreamDocument>;

/** Digits of any safe integer: with leading zeros, ids sort like their numbers. */
const DIGITS = 16;

const VERSION = 'version';

/** Names of streams hold no colons, nor do encoded tenants. */
const rowId = (name: string) => `stream:${name}`;
const cursorId = (name: string, tenantId: string) => `cursor:${name}:${encodeURIComponent(tenantId)}`;
const asideId = (name: string, { tenantId, seq }: ChainPlace) =>
  `aside:${name}:${encodeURIComponent(tenantId)}:${String(seq).padStart(DIGITS, '0')}`;

/** All ids that begin so. */
const beginning = (prefix: string, behind = prefix) => ({ _id: { $gt: behind, $lt: `${prefix}~` } });

export function streamsOf(collection: mongo.Collection): Streams {
  return collection as unknown as Streams;
}

export async function readTenants(entries: mongo.Collection): Promise<string[]> {
  const found: unknown[] = await withTimeLimit(entries.distinct('tenantId', {}, MAJORITY_READ));
  return found.filter((tenantId) => typeof tenantId === 'string');
}

export async function readGrown(
  entries: mongo.Collection,
  places: readonly ChainPlace[],
): Promise<ChainPlace[]> {
  if (places.length === 0) return [];
  const $or = places.map(({ tenantId, seq }) => ({ tenantId, seq: seq + 1 }));
  const projection = { _id: 0, tenantId: 1, seq: 1 };
  const cursor = entries.find({ $or }, { ...MAJORITY_READ, projection, batchSize: places.length });
  const found = await readAll(cursor);
  return found.flatMap(({ tenantId, seq }) =>
    typeof tenantId === 'string' ? { tenantId, seq: Number(seq) } : [],
  );
}

/** By a change stream: the server sends two members of each new entry. */
export async function watchEntries(
  entries: mongo.Collection,
  told: (place: ChainPlace) => void,
): Promise<ChainWatch | null> {
  const members = { 'fullDocument.tenantId': 1, 'fullDocument.seq': 1 };
  const stream = entries.watch([{ $match: { operationType: 'insert' } }, { $project: members }]);
  const tell = (change: unknown) => {
    const { tenantId, seq } = (change as { fullDocument?: Record<string, unknown> }).fullDocument ?? {};
    if (typeof tenantId === 'string' && typeof seq === 'number') told({ tenantId, seq });
  };
  const close = () => stream.close().catch(() => undefined);
  try {
    const first: unknown = await withTimeLimit(stream.tryNext());
    if (first) tell(first);
  } catch {
    await close();
    return null; // a server that has none, or a role that may not: chains are looked at instead
  }
  stream.on('change', tell);
  const ended = new Promise<void>((resolve) => {
    stream.once('close', resolve);
    stream.once('error', () => void close().then(resolve));
  });
  return { ended, close };
}

export async function readStreamsVersion(streams: Streams): Promise<number> {
  const document = await withTimeLimit(streams.findOne({ _id: VERSION }, MAJORITY_READ));
  return Number(document?.['count'] ?? 0);
}

/** Tells other processes that rows have changed. */
async function raiseVersion(streams: Streams): Promise<void> {
  await streams.updateOne({ _id: VERSION }, { $inc: { count: 1 } }, { upsert: true, ...MAJORITY_WRITE });
}

export async function readStreams(streams: Streams): Promise<StreamRow[]> {
  return (await readAll(streams.find(beginning('stream:'), MAJORITY_READ))).map(toRow);
}

export async function findStream(streams: Streams, name: string): Promise<StreamRow | null> {
  const found = await withTimeLimit(streams.findOne({ _id: rowId(name) }, MAJORITY_READ));
  return found && toRow(found);
}

/** Whoever holds the database may have written it. */
function toRow({ _id, isPaused, replays, description, progress, since }: StreamDocument): StreamRow {
  return {
    name: _id.slice(rowId('').length),
    isPaused: isPaused === true,
    replays: Number(replays) || 0,
    description: typeof description === 'string' ? description : '',
    progress: typeof progress === 'string' ? progress : null,
    since: Number(since) || 0,
  };
}

export async function addStream(streams: Streams, { name, ...row }: StreamRow): Promise<boolean> {
  try {
    await streams.insertOne({ _id: rowId(name), ...row }, MAJORITY_WRITE);
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
  await raiseVersion(streams);
  return true;
}

export async function changeStream(streams: Streams, name: string, change: object): Promise<void> {
  await streams.updateOne({ _id: rowId(name) }, { $set: change }, MAJORITY_WRITE);
  await raiseVersion(streams);
}

export async function reportStream(streams: Streams, name: string, progress: string): Promise<void> {
  await streams.updateOne({ _id: rowId(name) }, { $set: { progress } }, PASSING_WRITE);
}

export async function removeStream(streams: Streams, name: string): Promise<void> {
  await streams.deleteOne({ _id: rowId(name) }, MAJORITY_WRITE);
  for (const prefix of [`cursor:${name}:`, `aside:${name}:`])
    await streams.deleteMany(beginning(prefix), MAJORITY_WRITE);
  await raiseVersion(streams);
}

export async function readStreamCursors(streams: Streams, name: string): Promise<ChainPlace[]> {
  const documents = await readAll(streams.find(beginning(`cursor:${name}:`), MAJORITY_READ));
  return documents.flatMap(({ tenantId, seq }) =>
    typeof tenantId === 'string' && Number.isSafeInteger(seq) ? { tenantId, seq: Number(seq) } : [],
  );
}

export async function moveStreamCursors(
  streams: Streams,
  name: string,
  moves: readonly CursorMove[],
): Promise<boolean> {
  if (moves.length === 0) return true;
  try {
    const { insertedCount, matchedCount, upsertedCount } = await streams.bulkWrite(
      moves.map((move) => toOperation(name, move)),
      { ordered: false, ...MAJORITY_WRITE },
    );
    return insertedCount + matchedCount + upsertedCount === moves.length;
  } catch (error) {
    if (isConflict(error)) return false;
    throw error;
  }
}

function toOperation(
  name: string,
  { tenantId, from, to: seq }: CursorMove,
): mongo.AnyBulkWriteOperation<StreamDocument> {
  const _id = cursorId(name, tenantId);
  if (from === null) return { insertOne: { document: { _id, tenantId, seq } } };
  const update = { $set: { tenantId, seq } };
  if (from === 'any') return { updateOne: { filter: { _id }, update, upsert: true } };
  return { updateOne: { filter: { _id, seq: from }, update } };
}

export async function addSetAside(
  streams: Streams,
  name: string,
  entries: readonly SetAside[],
): Promise<void> {
  if (entries.length === 0) return;
  const operations = entries.map((entry) => ({
    replaceOne: { filter: { _id: asideId(name, entry) }, replacement: { ...entry }, upsert: true },
  }));
  await streams.bulkWrite(operations, { ordered: false, ...MAJORITY_WRITE });
}

export async function readSetAside(
  streams: Streams,
  name: string,
  limit: number,
  behind: ChainPlace | undefined,
): Promise<SetAside[]> {
  const range = beginning(`aside:${name}:`, behind && asideId(name, behind));
  const documents = await readAll(streams.find(range, MAJORITY_READ).sort({ _id: 1 }).limit(limit));
  return documents.map(({ tenantId, seq, id, reason, at }) => ({
    tenantId: String(tenantId),
    seq: Number(seq),
    id: String(id),
    reason: String(reason),
    at: Number(at),
  }));
}

export async function countSetAside(streams: Streams, name: string): Promise<number> {
  return streams.countDocuments(beginning(`aside:${name}:`), MAJORITY_READ);
}

export async function removeSetAside(
  streams: Streams,
  name: string,
  places: readonly ChainPlace[],
): Promise<void> {
  await streams.deleteMany({ _id: { $in: places.map((place) => asideId(name, place)) } }, MAJORITY_WRITE);
}
