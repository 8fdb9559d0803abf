import { mongo } from 'mongoose';
import { packHashes, type Tile, type TileId, type TileRun, unpackHashes } from '../../lib/tree/tile';
import type { Hash } from '../../lib/tree/hash';
import type { StoredCheckpoint } from '../../lib/store/tree-store';
import { cursorBatches, readAll } from './cursor-batches';

/** The collection of the full tiles of all trees. */
export const TILES = 'audit_tiles';

/** The collection of the checkpoints of all tenants. */
export const CHECKPOINTS = 'audit_checkpoints';

/** Reads that decide something must not see what a failover may undo. */
const DECIDING = { readConcern: 'majority', readPreference: 'primary' } as const;

const DURABLE = { writeConcern: { w: 'majority' } } as const;

const DUPLICATE_KEY = 11_000;

/** Wide enough for any safe integer: keys sort as their numbers do. */
const DIGITS = 16;

interface TileDocument {
  _id: string;
  /** 256 hashes one behind the other. */
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
  const documents = await readAll(collection.find({ _id: { $in: keys } } as never, DECIDING));
  const byKey = new Map(documents.map((document) => [document._id as unknown, document]));
  return names.flatMap((name, i) => {
    const document = byKey.get(keys[i]);
    const [hashes, root] = [hashesIn(document?.['hashes']), hashesIn(document?.['root'])?.[0]];
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
    collection.find({ $or } as never, { ...DECIDING, projection: { root: 1 } }),
  );
  return documents.flatMap(({ _id, root }) => {
    const [, level, index] = String(_id).split(':');
    const name = { level: Number(level), index: Number(index) };
    const hash = hashesIn(root)?.[0];
    return hash && String(_id) === tileId(tenantId, name) ? [{ ...name, root: hash }] : [];
  });
}

export async function writeTiles(
  collection: mongo.Collection,
  tenantId: string,
  tiles: readonly Tile[],
): Promise<void> {
  const operations = tiles.map((tile) => {
    const replacement = { hashes: binary(tile.hashes), root: binary([tile.root]) };
    return { replaceOne: { filter: { _id: tileId(tenantId, tile) } as never, replacement, upsert: true } };
  });
  await collection.bulkWrite(operations, { ordered: false, ...DURABLE });
}

export async function* readCheckpoints(
  collection: mongo.Collection,
  tenantId: string,
  order: 'asc' | 'desc',
): AsyncGenerator<StoredCheckpoint> {
  const first = `${encodeURIComponent(tenantId)}:`;
  const range = { _id: { $gte: first, $lt: `${first}~` } };
  const cursor = collection
    .find(range as never, { ...DECIDING, batchSize: 100 })
    .sort({ _id: order === 'asc' ? 1 : -1 });
  for await (const portion of cursorBatches(cursor)) yield* portion.map(toCheckpoint);
}

/** What somebody else has put there may be of any type. */
function toCheckpoint({ _id, note, keys, frontier }: mongo.BSON.Document): StoredCheckpoint {
  return {
    note: typeof note === 'string' && isInPlace(String(_id), note) ? note : '',
    keys: Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [],
    frontier: hashesIn(frontier) ?? [],
  };
}

export async function writeCheckpoint(
  collection: mongo.Collection,
  tenantId: string,
  size: number,
  { note, keys, frontier }: StoredCheckpoint,
): Promise<void> {
  const [key] = keys.map((key) => key.split('+')[1]);
  const _id = `${encodeURIComponent(tenantId)}:${digits(size)}:${key ?? 'unsigned'}`;
  const document: CheckpointDocument = { _id, tenantId, note, keys, frontier: binary(frontier) };
  try {
    await collection.insertOne(document as never, DURABLE);
  } catch (error) {
    // Another process was faster: of one chain it has stated the same.
    if ((error as { code?: unknown }).code !== DUPLICATE_KEY) throw error;
  }
}

/** A checkpoint under the number of another size would be read out of order, and hide those behind it. */
function isInPlace(id: string, note: string): boolean {
  const size = Number(note.split('\n', 2)[1]);
  return Number.isSafeInteger(size) && id.split(':')[1] === digits(size);
}

function tileId(tenantId: string, { level, index }: TileId): TileDocument['_id'] {
  return `${encodeURIComponent(tenantId)}:${level}:${digits(index)}`;
}

function digits(number: number): string {
  return String(number).padStart(DIGITS, '0');
}

function binary(hashes: readonly Hash[]): mongo.Binary {
  return new mongo.Binary(Buffer.from(packHashes(hashes)));
}

/** What somebody else has put there may be of any type. */
function hashesIn(value: unknown): Hash[] | null {
  // The connection's option `promoteBuffers` gives the bytes themselves.
  const bytes =
    value instanceof Uint8Array ? value : (value as Partial<mongo.Binary> | null | undefined)?.buffer;
  return bytes instanceof Uint8Array ? unpackHashes(bytes) : null;
}
