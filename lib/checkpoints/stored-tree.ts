import { AuditError } from '../errors';
import { quote } from '../util/quote';
import type { Hash, NodeHash } from '../tree/hash';
import type { Subtree } from '../tree/subtree';
import { hashTile, TILE_HEIGHT, TILE_WIDTH, type TileId } from '../tree/tile';
import type { TreeStore } from '../store/tree-store';

/** Where a subtree's hashes are: `count` of them of level 8 · `level`, from number `first` on. */
interface Source extends TileId {
  first: number;
  count: number;
}

/** What a batch of subtrees is made of. */
interface Found {
  tiles: Map<string, readonly Hash[]>;
  roots: Map<string, Hash>;
  leaves: Map<number, Hash>;
}

/** Reads the roots of full subtrees of a tenant's tree, in at most three reads for any number of them. */
export class StoredTree {
  /** @param size leaves up to which full tiles are kept */
  constructor(
    private readonly tenantId: string,
    private readonly size: number,
    private readonly store: TreeStore,
    private readonly node: NodeHash,
  ) {}

  /**
   * The roots of subtrees, in their order. The store may have been altered: the caller compares the
   * whole with a root that was signed.
   * @throws AuditError `TREE_DAMAGED` where the store lacks some.
   */
  async readRoots(subtrees: readonly Subtree[]): Promise<Hash[]> {
    const sources = subtrees.map((subtree) => this.locate(subtree));
    const tiled = sources.filter((source) => this.isTiled(source));
    const others = sources.filter((source) => !this.isTiled(source));
    const found = await this.read(
      tiled,
      others.filter(({ level }) => level === 0),
      others.filter(({ level }) => level > 0),
    );
    return sources.map((source) => hashTile(this.collectHashes(source, found), this.node));
  }

  private locate({ level, index }: Subtree): Source {
    const tileLevel = Math.floor(level / TILE_HEIGHT);
    const count = 2 ** (level % TILE_HEIGHT);
    const first = index * count;
    return { level: tileLevel, index: Math.floor(first / TILE_WIDTH), first, count };
  }

  /** Whether a full tile holds them all. A single root is read by itself: a tile has 256 times its size. */
  private isTiled({ level, index, count }: Source): boolean {
    const leaves = TILE_WIDTH ** (level + 1);
    return (index + 1) * leaves <= this.size && (level === 0 || count > 1);
  }

  private async read(tiled: Source[], leaves: Source[], rooted: Source[]): Promise<Found> {
    const { tenantId, store } = this;
    const names = [...new Map(tiled.map((source) => [tileKey(source), source])).values()];
    const runs = rooted.map(({ level, first, count }) => ({
      level: level - 1,
      begin: first,
      end: first + count,
    }));
    const [tiles, roots, tail] = await Promise.all([
      names.length > 0 ? store.tiles(tenantId, names) : [],
      runs.length > 0 ? store.tileRoots(tenantId, runs) : [],
      this.readLeaves(leaves),
    ]);
    return {
      tiles: new Map(tiles.map((tile) => [tileKey(tile), tile.hashes])),
      roots: new Map(roots.map((tile) => [tileKey(tile), tile.root])),
      leaves: tail,
    };
  }

  /** Leaves that are in no full tile are the last ones, 255 at the most: one read has them all. */
  private async readLeaves(sources: Source[]): Promise<Map<number, Hash>> {
    if (sources.length === 0) return new Map();
    const begin = Math.min(...sources.map(({ first }) => first));
    const end = Math.max(...sources.map(({ first, count }) => first + count));
    const hashes = await this.store.leaves(this.tenantId, begin, end);
    return new Map(hashes.map((hash, i) => [begin + i, hash]));
  }

  private collectHashes(source: Source, found: Found): Hash[] {
    const { level, first, count } = source;
    const tile = found.tiles.get(tileKey(source));
    const hashes = Array.from({ length: count }, (_, i) => {
      const number = first + i;
      if (this.isTiled(source)) return tile?.[number % TILE_WIDTH];
      return level === 0
        ? found.leaves.get(number)
        : found.roots.get(tileKey({ level: level - 1, index: number }));
    });
    if (hashes.every((hash) => hash !== undefined)) return hashes;
    const what = `The tree of the tenant ${quote(this.tenantId)} is not all there`;
    throw new AuditError('TREE_DAMAGED', `${what}: run verify, and make a checkpoint, which builds it anew.`);
  }
}

function tileKey({ level, index }: TileId): string {
  return `${level}:${index}`;
}
