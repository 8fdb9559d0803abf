import type { Hash } from '../tree/hash';
import type { Tile, TileId, TileRun } from '../tree/tile';

/** Characters of a stored note, at most: its three lines and signatures of several keys take far less. */
export const NOTE_LENGTH = 65_536;

/** Keys of a stored checkpoint that are looked at. */
export const MAX_KEYS = 16;

/** A checkpoint as it is kept. Whoever holds the database may have written it: nothing of it is trusted. */
export interface StoredCheckpoint {
  /** A signed note, or the three lines of a checkpoint alone. */
  note: string;
  /** Verifier keys of its signatures; they prove nothing by themselves. */
  keys: string[];
  /** Roots of the largest full subtrees: what a tree needs to go on growing. */
  frontier: Hash[];
}

/** Where trees and their checkpoints are kept. Tiles are a copy of what the entries say, and can be made anew. */
export interface TreeStore {
  /** The hashes of entries, from the one of leaf `begin` up to but without `end`; fewer where entries are missing. */
  leaves(tenantId: string, begin: number, end: number): Promise<Hash[]>;
  /** Those of the tiles that are there. */
  tiles(tenantId: string, names: readonly TileId[]): Promise<Tile[]>;
  /** The roots of those of the tiles that are there. */
  tileRoots(tenantId: string, runs: readonly TileRun[]): Promise<(TileId & { root: Hash })[]>;
  /** Keeps tiles in the place of what is there. */
  putTiles(tenantId: string, tiles: readonly Tile[]): Promise<void>;
  /** The checkpoints of a tenant by size; those of a hostile shape are given with an empty note. */
  checkpoints(tenantId: string, order: 'asc' | 'desc'): AsyncIterable<StoredCheckpoint>;
  /** Keeps a checkpoint, durable with `w: majority`; one of the same size and key is left as it is. */
  addCheckpoint(tenantId: string, size: number, checkpoint: StoredCheckpoint): Promise<void>;
}
