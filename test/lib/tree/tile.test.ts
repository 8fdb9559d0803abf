import { packHashes, hashTile, TILE_HEIGHT, TILE_WIDTH, unpackHashes } from '../../../lib/tree/tile';
import { leafOf, treeOf } from '../../support/naive-tree';
import { TREE_NODE_HASH } from '../../../lib/checkpoints/tree-node-hash';

const leaves = Array.from({ length: TILE_WIDTH }, (_, i) => leafOf(Uint8Array.of(i)));

describe('a tile', () => {
  it('has as many hashes as its levels make', () => {
    expect(TILE_WIDTH).toBe(2 ** TILE_HEIGHT);
  });

  it.each([1, 2, 4, 128, TILE_WIDTH])('has the root of RFC 6962 of %d hashes', (count) => {
    const some = leaves.slice(0, count);
    expect(Buffer.from(hashTile(some, TREE_NODE_HASH))).toEqual(Buffer.from(treeOf(some)(0, count)));
  });

  it('leaves the hashes that it is given as they are', () => {
    const given = leaves.slice(0, 4);
    hashTile(given, TREE_NODE_HASH);
    expect(given).toEqual(leaves.slice(0, 4));
  });
});

describe('packed hashes', () => {
  it.each([0, 1, 2, TILE_WIDTH])('come back: %d', (count) => {
    const packed = packHashes(leaves.slice(0, count));
    expect(packed).toHaveLength(32 * count);
    expect(unpackHashes(packed)!.map((hash) => Buffer.from(hash))).toEqual(
      leaves.slice(0, count).map((hash) => Buffer.from(hash)),
    );
  });

  it.each([1, 31, 33, 63])('are none of %d bytes', (bytes) => {
    expect(unpackHashes(new Uint8Array(bytes))).toBeNull();
  });
});
