import type { mongo } from 'mongoose';
import { newId } from '../../lib/event/id';
import { isPrintable } from '../../lib/event/instant';
import { isTenantId } from '../../lib/event/tenant-id';
import type { ChainPlace, ChainWatch, CursorMove, SetAside, StreamRow } from '../../lib/store/stream-store';
import { isStreamName } from '../../lib/store/stream-store';
import { attempt } from '../../lib/util/attempt';
import { cursorBatches, readAll } from './cursor-batches';
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

/** All ids that begin so: what follows the colon at the end of a prefix may be any character of a tenant's. */
const beginning = (prefix: string, behind = prefix) => ({
  _id: { $gt: behind, $lt: `${prefix.slice(0, -1)};` },
});

/** The place that an id names behind its prefix; null for ids that no place has. The members of a document do not count. */
function placeOf(id: string, prefix: string, idOf: (place: ChainPlace) => string): ChainPlace | null {
  const [tenant = '', digits = '0'] = id.slice(prefix.length).split(':');
  const place = attempt(() => ({ tenantId: decodeURIComponent(tenant), seq: Number(digits) }));
  return place && isTenantId(place.tenantId) && idOf(place) === id ? place : null;
}

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
    const { fullDocument } = change as { fullDocument?: Record<string, unknown> };
    const { tenantId, seq } = fullDocument ?? {};
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
  const follow = async (): Promise<void> => {
    for (;;) tell(await stream.next());
  };
  // It was closed, or the server tells no more: whoever follows looks for itself.
  return { ended: follow().catch(close), close };
}

export async function readStreamsVersion(streams: Streams): Promise<string> {
  const document = await withTimeLimit(streams.findOne({ _id: VERSION }, MAJORITY_READ));
  return String(document?.['name']);
}

/** Tells other processes that rows have changed. A new name, not a number more: whatever stands there is in nobody's way. */
async function raiseVersion(streams: Streams): Promise<void> {
  const name = newId();
  await streams.updateOne({ _id: VERSION }, { $set: { name } }, { upsert: true, ...MAJORITY_WRITE });
}

export async function readStreams(streams: Streams): Promise<StreamRow[]> {
  const rows = await readAll(streams.find(beginning('stream:'), MAJORITY_READ));
  return rows.map(toRow).filter(({ name }) => isStreamName(name));
}

export async function findStream(streams: Streams, name: string): Promise<StreamRow | null> {
  const found = await withTimeLimit(streams.findOne({ _id: rowId(name) }, MAJORITY_READ));
  return found && toRow(found);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const instantOf = (value: unknown): number => (typeof value === 'number' && isPrintable(value) ? value : 0);

/** Whoever holds the database may have written it. */
function toRow({ _id, isPaused, replays, description, progress, since }: StreamDocument): StreamRow {
  return {
    name: _id.slice(rowId('').length),
    isPaused: isPaused === true,
    replays: Number.isSafeInteger(replays) ? Number(replays) : 0,
    description: textOf(description),
    progress: typeof progress === 'string' ? progress : null,
    since: instantOf(since),
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
  const prefix = `cursor:${name}:`;
  const documents = await readAll(streams.find(beginning(prefix), MAJORITY_READ));
  const cursors: ChainPlace[] = [];
  const others: string[] = [];
  for (const { _id, seq } of documents) {
    const place = placeOf(_id, prefix, ({ tenantId }) => cursorId(name, tenantId));
    const isCursor = place && Number.isSafeInteger(seq) && Number(seq) >= 0;
    if (isCursor) cursors.push({ tenantId: place.tenantId, seq: Number(seq) });
    else others.push(_id);
  }
  // Where something else stands in the place of a cursor, none could ever be put.
  if (others.length > 0) await streams.deleteMany({ _id: { $in: others } }, MAJORITY_WRITE);
  return cursors;
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
  const prefix = `aside:${name}:`;
  const idOf = (place: ChainPlace) => asideId(name, place);
  const range = beginning(prefix, behind && idOf(behind));
  const found: SetAside[] = [];
  const cursor = streams.find(range, { ...MAJORITY_READ, batchSize: limit }).sort({ _id: 1 });
  for await (const batch of cursorBatches(cursor))
    for (const { _id, id, reason, at } of batch) {
      const place = placeOf(_id, prefix, idOf);
      if (place) found.push({ ...place, id: textOf(id), reason: textOf(reason), at: instantOf(at) });
      if (found.length === limit) return found;
    }
  return found;
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
