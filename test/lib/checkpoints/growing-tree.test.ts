import type { Tile } from '../../../lib/tree/tile';
import { GrowingTree } from '../../../lib/checkpoints/growing-tree';
import { StoredTree } from '../../../lib/checkpoints/stored-tree';
import type { TreeStore } from '../../../lib/store/tree-store';
import { MemoryStore } from '../../../models/memory/memory-store';
import { leafOf, treeOf } from '../../support/naive-tree';
import { TREE_NODE_HASH } from '../../../lib/checkpoints/tree-node-hash';

const SIZES = [0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537];
const MOST = 66_100;
const PORTION = 64;

const leaves = Array.from({ length: MOST }, (_, i) => leafOf(Buffer.from(String(i))));
const tree = treeOf(leaves);
const frontiers = new Map<number, Uint8Array[]>();
const tiles: Tile[] = [];
/** Tiles in the real store; the leaves are no entries, so that there can be many. */
let store: TreeStore;

const hex = (hash: Uint8Array | null | undefined) => hash && Buffer.from(hash).toString('hex');

beforeAll(async () => {
  const real = new MemoryStore();
  const builder = GrowingTree.empty(TREE_NODE_HASH);
  frontiers.set(0, builder.range.hashes);
  for (const leaf of leaves) {
    tiles.push(...builder.append(leaf));
    frontiers.set(builder.size, builder.range.hashes);
  }
  for (let i = 0; i < tiles.length; i += PORTION) await real.putTiles('t', tiles.slice(i, i + PORTION));
  store = {
    leaves: (_, begin, end) => Promise.resolve(leaves.slice(begin, end)),
    tiles: (tenantId, names) => real.tiles(tenantId, names),
    tileRoots: (tenantId, runs) => real.tileRoots(tenantId, runs),
    putTiles: (tenantId, full) => real.putTiles(tenantId, full),
    checkpoints: (tenantId, order) => real.checkpoints(tenantId, order),
    addCheckpoint: (tenantId, size, checkpoint) => real.addCheckpoint(tenantId, size, checkpoint),
  };
});

const resume = (size: number, frontier = frontiers.get(size)!) =>
  GrowingTree.resume(size, frontier, new StoredTree('t', size, store, TREE_NODE_HASH), TREE_NODE_HASH);

describe('a tree that is grown', () => {
  it('gives each full tile once: 258 of the leaves, one of those', () => {
    expect(tiles.filter(({ level }) => level === 0).map(({ index }) => index)).toEqual(
      Array.from({ length: 258 }, (_, i) => i),
    );
    expect(tiles.filter(({ level }) => level > 0)).toMatchObject([{ level: 1, index: 0 }]);
    for (const { level, index, root, hashes } of tiles) {
      const width = 256 ** (level + 1);
      expect(hashes).toHaveLength(256);
      expect(hex(root)).toBe(hex(tree(index * width, (index + 1) * width)));
    }
  });
});

describe.each(SIZES)('a tree of %d leaves', (size) => {
  it('goes on as if it had never ended', async () => {
    const builder = (await resume(size))!;
    expect(builder.size).toBe(size);
    if (size > 0) expect(hex(builder.range.root())).toBe(hex(tree(0, size)));
    const more: Tile[] = [];
    const until = Math.min(MOST, size + 600);
    for (const leaf of leaves.slice(size, until)) more.push(...builder.append(leaf));
    expect(hex(builder.range.root())).toBe(hex(tree(0, until)));
    const isNew = ({ level, index }: Tile) => {
      const end = (index + 1) * 256 ** (level + 1);
      return end > size && end <= until;
    };
    const shown = ({ level, index, root }: Tile) => [level, index, hex(root)];
    expect(more.map(shown)).toEqual(tiles.filter(isNew).map(shown));
    expect(more.every(({ hashes }) => hashes.length === 256)).toBe(true);
  });

  it('does not go on from a frontier that is not its own', async () => {
    const frontier = frontiers.get(size)!;
    expect(await resume(size, [...frontier, leaves[0]!])).toBeNull();
    if (size === 0) return;
    expect(await resume(size, frontier.slice(1))).toBeNull();
    expect(await resume(size, [...frontier.slice(0, -1), leaves[MOST - 1]!])).toBeNull();
  });
});

it('goes on from no size that is none', async () => {
  for (const size of [-1, 0.5, NaN, 2 ** 53]) expect(await resume(size, [])).toBeNull();
});
