import type { Hash, NodeHash } from './hash';
import { HASH_BYTES } from './hash';

/** Levels of the tree in one tile, as in C2SP tlog-tiles. */
export const TILE_HEIGHT = 8;

/** Hashes in a full tile. Only full ones are kept: they never change. */
export const TILE_WIDTH = 2 ** TILE_HEIGHT;

/** Where a tile is: it holds 256 hashes of level 8 · `level` of the tree, from number 256 · `index` on. */
export interface TileId {
  level: number;
  index: number;
}

/** A full tile. */
export interface Tile extends TileId {
  hashes: readonly Hash[];
  /** The root of its hashes: one of the next level's. */
  root: Hash;
}

/** Tiles of one level, from `begin` up to but without `end`. */
export interface TileRun {
  level: number;
  begin: number;
  end: number;
}

/** The root of 2^k hashes of one level. */
export function hashTile(hashes: readonly Hash[], node: NodeHash): Hash {
  let level = hashes;
  while (level.length > 1) {
    const next: Hash[] = [];
    for (let i = 0; i < level.length; i += 2) next.push(node(level[i] as Hash, level[i + 1] as Hash));
    level = next;
  }
  return level[0] as Hash;
}

/** Hashes one behind the other. */
export function packHashes(hashes: readonly Hash[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * HASH_BYTES);
  hashes.forEach((hash, i) => bytes.set(hash, i * HASH_BYTES));
  return bytes;
}

/** The reverse; null when the bytes do not divide into hashes. */
export function unpackHashes(bytes: Uint8Array): Hash[] | null {
  if (bytes.length % HASH_BYTES !== 0) return null;
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, i) =>
    bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
}
