import fc from 'fast-check';
import type { Connection, mongo } from 'mongoose';
import { createAudit } from '../../support/create-audit';
import { splitIntoSubtrees } from '../../../lib/tree/subtree';
import { StoredTree } from '../../../lib/checkpoints/stored-tree';
import { MongoStore } from '../../../models/store/mongo-store';
import { connect } from '../../support/connection';
import { leavesOf, record } from '../../support/chain';
import { LEDGER, newKey } from '../../support/signing';
import { type RangeHash, treeOf } from '../../support/naive-tree';
import { TREE_DAMAGED } from '../../support/unreadable';
import { TREE_NODE_HASH } from '../../../lib/checkpoints/tree-node-hash';

const SIZE = 1_100;

let connection: Connection;
let tiles: mongo.Collection;
let entries: mongo.Collection;
let store: MongoStore;
let tree: RangeHash;
beforeAll(async () => {
  connection = await connect();
  const audit = createAudit({ connection, ledger: LEDGER, signingKey: newKey() });
  await record(audit, 't', SIZE);
  await audit.checkpoint('t');
  tiles = connection.db!.collection('audit_tiles');
  entries = connection.db!.collection('audit_entries');
  store = new MongoStore(connection);
  tree = treeOf(await leavesOf(entries, 't'));
  await audit.close();
});

const nodes = (tenantId = 't') => new StoredTree(tenantId, SIZE, store, TREE_NODE_HASH);

describe('the nodes of a tree', () => {
  it('are those of RFC 6962, of any run of leaves', async () => {
    const ranges = fc.tuple(fc.nat(SIZE), fc.nat(SIZE)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
    await fc.assert(
      fc.asyncProperty(ranges, async ([begin, end]) => {
        const subtrees = splitIntoSubtrees({ begin: begin!, end: end! });
        const hashes = await nodes().readRoots(subtrees);
        expect(hashes.map((hash) => Buffer.from(hash).toString('hex'))).toEqual(
          subtrees.map(({ level, index }) =>
            Buffer.from(tree(index * 2 ** level, (index + 1) * 2 ** level)).toString('hex'),
          ),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('are not there for a tenant that has none', async () => {
    await expect(nodes('u').readRoots([{ level: 4, index: 0 }])).rejects.toEqual(TREE_DAMAGED);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['is missing', () => tiles.deleteOne({ _id: 't:0:0000000000000001' as never })],
    ['has too few hashes', () => change({ hashes: Buffer.alloc(32 * 10) })],
    ['has bytes that divide into no hashes', () => change({ hashes: Buffer.alloc(100) })],
    ['has a text for its hashes', () => change({ hashes: 'x'.repeat(8192) })],
    ['has a number for its hashes', () => change({ hashes: 7 })],
    ['has an object for its hashes', () => change({ hashes: { buffer: Buffer.alloc(8192) } })],
    ['has null for its hashes', () => change({ hashes: null })],
    ['has no root', () => change({ root: Buffer.alloc(0) })],
  ])('cannot be read where a tile %s', async (_, damage) => {
    const _id = 't:0:0000000000000001' as never;
    const tile = (await tiles.findOne({ _id }))!;
    await damage();
    const subtrees = [
      { level: 7, index: 3 },
      { level: 8, index: 1 },
    ];
    const read = subtrees.map((subtree) => nodes().readRoots([subtree]));
    expect((await Promise.allSettled(read)).map(({ status }) => status)).toContain('rejected');
    for (const each of read) await each.catch((error: unknown) => expect(error).toEqual(TREE_DAMAGED));
    await expect(nodes().readRoots([{ level: 7, index: 1 }])).resolves.toHaveLength(1);
    await tiles.replaceOne({ _id }, tile, { upsert: true });
  });

  it('cannot be read where a leaf behind the last tile is missing, or has no hash', async () => {
    const leaf = [{ level: 0, index: SIZE - 2 }];
    await entries.updateOne({ tenantId: 't', seq: SIZE - 1 }, { $set: { hash: 'nonsense' } });
    await expect(nodes().readRoots(leaf)).rejects.toEqual(TREE_DAMAGED);
    await entries.deleteOne({ tenantId: 't', seq: SIZE - 1 });
    await expect(nodes().readRoots(leaf)).rejects.toEqual(TREE_DAMAGED);
  });

  function change(members: object): Promise<unknown> {
    return tiles.updateOne({ _id: 't:0:0000000000000001' as never }, { $set: members });
  }
});
