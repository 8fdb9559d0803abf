import mongoose from 'mongoose';
import type { StoredCheckpoint } from '../../../lib/store/tree-store';
import type { Tile } from '../../../lib/tree/tile';
import {
  readCheckpoints,
  readTileRoots,
  readTiles,
  writeCheckpoint,
  writeTiles,
} from '../../../models/store/trees';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import { LEDGER, noteBy } from '../../support/signing';

const hash = (n: number) => new Uint8Array(32).fill(n);
const tile = (level: number, index: number, n = index): Tile => ({
  level,
  index,
  hashes: Array.from({ length: 256 }, () => hash(n)),
  root: hash(n + 1),
});
const TENANTS = ['t', 't:0', 't~', '~', 't%3A0', 'ü', 'a/b', 'T'];

let dbName: string;
let tiles: mongoose.mongo.Collection;
let checkpoints: mongoose.mongo.Collection;
beforeEach(async () => {
  const connection = await connect();
  dbName = connection.name;
  tiles = connection.db!.collection('audit_tiles');
  checkpoints = connection.db!.collection('audit_checkpoints');
});

async function stored(tenantId = 't', order: 'asc' | 'desc' = 'asc'): Promise<StoredCheckpoint[]> {
  const found: StoredCheckpoint[] = [];
  for await (const checkpoint of readCheckpoints(checkpoints, tenantId, order)) found.push(checkpoint);
  return found;
}
const bytesOf = (hashes: readonly Uint8Array[]) => hashes.map((each) => Buffer.from(each).toString('hex'));

describe('tiles', () => {
  it('come back, each tenant its own, and roots of runs in one read', async () => {
    for (const [n, tenantId] of TENANTS.entries())
      await writeTiles(tiles, tenantId, [tile(0, 0, n), tile(1, 10, n)]);
    for (const [n, tenantId] of TENANTS.entries()) {
      const names = [tile(0, 0), tile(0, 1), tile(1, 10)];
      const found = await readTiles(tiles, tenantId, names);
      expect(found.map(({ level, index }) => [level, index])).toEqual([[0, 0], [1, 10]]); // prettier-ignore
      expect(bytesOf(found[0]!.hashes)).toEqual(bytesOf(tile(0, 0, n).hashes));
      const runs = [
        { level: 0, begin: 0, end: 9 },
        { level: 1, begin: 9, end: 11 },
      ];
      const roots = await readTileRoots(tiles, tenantId, runs);
      expect(roots.map(({ level, index }) => `${level}:${index}`).sort()).toEqual(['0:0', '1:10']);
      expect(bytesOf(roots.map(({ root }) => root))).toEqual(bytesOf([hash(n + 1), hash(n + 1)]));
    }
  });

  it('take the place of what is there, also when many write the same at once', async () => {
    await writeTiles(tiles, 't', [tile(0, 0, 9)]);
    const many = Array.from({ length: 8 }, (_, i) => tile(0, i));
    await Promise.all(Array.from({ length: 8 }, () => writeTiles(tiles, 't', many)));
    const found = await readTiles(tiles, 't', many);
    expect(bytesOf(found.map(({ root }) => root))).toEqual(bytesOf(many.map(({ root }) => root)));
    expect(await tiles.countDocuments()).toBe(8);
  });

  it('are not mistaken for others whose names read alike', async () => {
    await writeTiles(tiles, 't', [tile(0, 5)]);
    await tiles.insertOne({ _id: 't:0:0000000000000005 ' as never, root: Buffer.alloc(32) });
    const [root, ...more] = await readTileRoots(tiles, 't', [{ level: 0, begin: 0, end: 9 }]);
    expect(more).toEqual([]);
    expect(bytesOf([root!.root])).toEqual(bytesOf([hash(6)]));
  });

  it('are read where the connection gives bytes as buffers', async () => {
    await writeTiles(tiles, 't', [tile(0, 0)]);
    const options = { dbName, promoteBuffers: true };
    const other = await mongoose.createConnection(sharedDatabaseUri(), options).asPromise();
    expect(await readTiles(other.db!.collection('audit_tiles'), 't', [tile(0, 0)])).toHaveLength(1);
    await other.close();
  });
});

describe('checkpoints', () => {
  const noteOf = (size: number, tenantId = 't') => noteBy(null, tenantId, size, hash(1));
  const kept = (size: number): StoredCheckpoint => ({ note: noteOf(size), keys: [], frontier: [hash(2)] });

  it('come back by size, in both orders', async () => {
    for (const size of [9, 10, 2, 2 ** 53 - 1, 100])
      await writeCheckpoint(checkpoints, 't', size, kept(size));
    const sizes = [2, 9, 10, 100, 2 ** 53 - 1];
    expect((await stored()).map(({ note }) => note)).toEqual(sizes.map((size) => noteOf(size)));
    expect((await stored('t', 'desc')).map(({ note }) => note)).toEqual(
      sizes.map((n) => noteOf(n)).reverse(),
    );
    expect(bytesOf((await stored())[0]!.frontier)).toEqual(bytesOf([hash(2)]));
  });

  it('are those of their tenant', async () => {
    for (const [n, tenantId] of TENANTS.entries()) {
      await writeCheckpoint(checkpoints, tenantId, n + 1, { ...kept(n + 1), keys: [`${LEDGER}+0123abcd+x`] });
    }
    for (const [n, tenantId] of TENANTS.entries())
      expect((await stored(tenantId)).map(({ note }) => note)).toEqual([noteOf(n + 1)]);
  });

  it('stay the first of a size and key', async () => {
    await writeCheckpoint(checkpoints, 't', 3, kept(3));
    await writeCheckpoint(checkpoints, 't', 3, { ...kept(3), frontier: [] });
    expect((await stored()).map(({ frontier }) => frontier.length)).toEqual([1]);
  });

  it.each<[string, object]>([
    ['has no members', {}],
    ['has members of other types', { note: 7, keys: 'x', frontier: 'y' }],
    ['has null', { note: null, keys: null, frontier: null }],
    ['has keys of all types', { note: [], keys: [1, null, {}], frontier: Buffer.alloc(33) }],
    ['stands under another size', { note: noteOf(4) }],
    ['stands under no size', { note: 'a\nb\nc\n' }],
  ])('are given with an empty note when one %s', async (_, members) => {
    await checkpoints.insertOne({ _id: 't:0000000000000003:x' as never, ...members });
    expect(await stored()).toEqual([{ note: '', keys: [], frontier: [] }]);
  });
});
