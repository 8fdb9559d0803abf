import { CompactRange } from '../tree/compact-range';
import { type Hash, isSameHash, type NodeHash } from '../tree/hash';
import type { Subtree } from '../tree/subtree';
import { hashTile, type Tile, TILE_HEIGHT, TILE_WIDTH } from '../tree/tile';
import type { StoredTree } from './stored-tree';

/** Grows a tree leaf by leaf, and gives each tile once it is full. */
export class GrowingTree {
  /** Of each level, the hashes behind the last full tile. */
  private readonly partial: Hash[][] = [];

  private constructor(
    readonly range: CompactRange,
    private readonly node: NodeHash,
  ) {}

  static empty(node: NodeHash): GrowingTree {
    return new GrowingTree(new CompactRange(node), node);
  }

  /**
   * Goes on where a tree of `size` leaves ended. Its tiles and entries may have been altered, so what is read must give
   * the `frontier`, which is bound to a root; null when it does not.
   */
  static async resume(
    size: number,
    frontier: readonly Hash[],
    nodes: StoredTree,
    node: NodeHash,
  ): Promise<GrowingTree | null> {
    const range = CompactRange.from(size, frontier, node);
    if (!range) return null;
    const builder = new GrowingTree(range, node);
    const edge = rightEdge(size);
    const hashes = await nodes.readRoots(edge);
    const read = new CompactRange(node);
    // Left to right is from the highest level down.
    edge.forEach(({ level }, i) => read.append(hashes[i] as Hash, level));
    const same = read.hashes.every((hash, i) => isSameHash(hash, frontier[i] as Hash));
    if (!same || read.size !== size) return null;
    edge.forEach(({ level }, i) => (builder.partial[level / TILE_HEIGHT] ??= []).push(hashes[i] as Hash));
    return builder;
  }

  get size(): number {
    return this.range.size;
  }

  /** Adds a leaf. Gives the tiles that are full with it. */
  append(leaf: Hash): Tile[] {
    const full: Tile[] = [];
    let hash = leaf;
    let number = this.range.size;
    this.range.append(leaf);
    for (let level = 0; ; level++) {
      const partial = (this.partial[level] ??= []);
      partial.push(hash);
      if (partial.length < TILE_WIDTH) return full;
      hash = hashTile(partial, this.node);
      number = Math.floor(number / TILE_WIDTH);
      full.push({ level, index: number, hashes: partial, root: hash });
      this.partial[level] = [];
    }
  }
}

/** The hashes behind the last full tile of each level, left to right. */
function rightEdge(size: number): Subtree[] {
  const edge: Subtree[] = [];
  for (let level = 0, width = size; width > 0; level += TILE_HEIGHT, width = Math.floor(width / TILE_WIDTH)) {
    const begin = width - (width % TILE_WIDTH);
    const run = Array.from({ length: width - begin }, (_, i) => ({ level, index: begin + i }));
    edge.unshift(...run);
  }
  return edge;
}
