import { mongo } from 'mongoose';
import { packHashes, type Tile, type TileId, type TileRun, unpackHashes } from '../../lib/tree/tile';
import type { Hash } from '../../lib/tree/hash';
import type { StoredCheckpoint } from '../../lib/store/tree-store';
import { readAll, resumedBatches } from './cursor-batches';
import { isConflict, isDuplicateKey } from './error-codes';
import { MAJORITY_READ, MAJORITY_WRITE } from './read-write-concerns';

/** Digits of any safe integer: with leading zeros, keys sort like their numbers. */
const DIGITS = 16;

interface TileDocument {
  _id: string;
  /** 256 hashes of 32 bytes, concatenated. */
  hashes: mongo.Binary;
  root: mongo.Binary;
}

interface CheckpointDocument {
  _id: string;
  tenantId: string;
  note: string;
  keys: string[];
  frontier: mongo.Binary;
}

export async function readTiles(
  collection: mongo.Collection,
  tenantId: string,
  names: readonly TileId[],
): Promise<Tile[]> {
  const keys = names.map((name) => tileId(tenantId, name));
  const documents = await readAll(collection.find({ _id: { $in: keys } } as never, MAJORITY_READ));
  const byKey = new Map(documents.map((document) => [document._id as unknown, document]));
  return names.flatMap((name, i) => {
    const document = byKey.get(keys[i]);
    const [hashes, root] = [unpackBinary(document?.['hashes']), unpackBinary(document?.['root'])?.[0]];
    return hashes && root ? [{ ...name, hashes, root }] : [];
  });
}

export async function readTileRoots(
  collection: mongo.Collection,
  tenantId: string,
  runs: readonly TileRun[],
): Promise<(TileId & { root: Hash })[]> {
  const $or = runs.map(({ level, begin, end }) => ({
    _id: { $gte: tileId(tenantId, { level, index: begin }), $lt: tileId(tenantId, { level, index: end }) },
  }));
  const documents = await readAll(
    collection.find({ $or } as never, { ...MAJORITY_READ, projection: { root: 1 } }),
  );
  return documents.flatMap(({ _id, root }) => {
    const [, level, index] = String(_id).split(':');
    const name = { level: Number(level), index: Number(index) };
    const hash = unpackBinary(root)?.[0];
    return hash && String(_id) === tileId(tenantId, name) ? [{ ...name, root: hash }] : [];
  });
}

export async function writeTiles(
  collection: mongo.Collection,
  tenantId: string,
  tiles: readonly Tile[],
): Promise<void> {
  const operations = tiles.map((tile) => {
    const replacement = { hashes: packBinary(tile.hashes), root: packBinary([tile.root]) };
    return { replaceOne: { filter: { _id: tileId(tenantId, tile) } as never, replacement, upsert: true } };
  });
  try {
    await collection.bulkWrite(operations, { ordered: false, ...MAJORITY_WRITE });
  } catch (error) {
    // Another process writes the same tile. Tiles are derived from the entries, and made anew where one is missing.
    if (!isConflict(error)) throw error;
  }
}

export async function* readCheckpoints(
  collection: mongo.Collection,
  tenantId: string,
  order: 'asc' | 'desc',
): AsyncGenerator<StoredCheckpoint> {
  const first = `${encodeURIComponent(tenantId)}:`;
  const whole = { $gte: first, $lt: `${first}~` };
  const open = (given?: readonly mongo.BSON.Document[]) => {
    const last: unknown = given?.at(-1)?.['_id'];
    const _id = last === undefined ? whole : { ...whole, [order === 'asc' ? '$gt' : '$lt']: last };
    return collection
      .find({ _id } as never, { ...MAJORITY_READ, batchSize: 100 })
      .sort({ _id: order === 'asc' ? 1 : -1 });
  };
  // Who compares a long chain with them reads on for longer than a cursor lives.
  for await (const batch of resumedBatches(open)) yield* batch.map(toCheckpoint);
}

/** A document that was altered may have values of any type. */
function toCheckpoint({ _id, note, keys, frontier }: mongo.BSON.Document): StoredCheckpoint {
  return {
    note: typeof note === 'string' && hasSizeOfNote(String(_id), note) ? note : '',
    keys: Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [],
    frontier: unpackBinary(frontier) ?? [],
  };
}

export async function writeCheckpoint(
  collection: mongo.Collection,
  tenantId: string,
  size: number,
  { note, keys, frontier }: StoredCheckpoint,
): Promise<void> {
  const [key] = keys.map((key) => key.split('+')[1]);
  const _id = `${encodeURIComponent(tenantId)}:${padNumber(size)}:${key ?? 'unsigned'}`;
  const document: CheckpointDocument = { _id, tenantId, note, keys, frontier: packBinary(frontier) };
  try {
    await collection.insertOne(document as never, MAJORITY_WRITE);
  } catch (error) {
    // Another process was faster. For the same chain, its checkpoint states the same.
    if (!isDuplicateKey(error)) throw error;
  }
}

/** Whether the size in the id is the size in the note. Otherwise the order would be wrong, and hide later checkpoints. */
function hasSizeOfNote(id: string, note: string): boolean {
  const size = Number(note.split('\n', 2)[1]);
  return Number.isSafeInteger(size) && id.split(':')[1] === padNumber(size);
}

function tileId(tenantId: string, { level, index }: TileId): TileDocument['_id'] {
  return `${encodeURIComponent(tenantId)}:${level}:${padNumber(index)}`;
}

function padNumber(number: number): string {
  return String(number).padStart(DIGITS, '0');
}

function packBinary(hashes: readonly Hash[]): mongo.Binary {
  return new mongo.Binary(Buffer.from(packHashes(hashes)));
}

/** Null for a value that is not what `writeTiles` or `writeCheckpoint` stores. */
function unpackBinary(value: unknown): Hash[] | null {
  // With the connection's option `promoteBuffers`, the driver returns bytes, not a `Binary`.
  const bytes =
    value instanceof Uint8Array ? value : (value as Partial<mongo.Binary> | null | undefined)?.buffer;
  return bytes instanceof Uint8Array ? unpackHashes(bytes) : null;
}
