import { createAudit } from '../../support/create-audit';
import type { IssuedCheckpoint } from '../../../lib/checkpoints/issuer';
import { decodeHex } from '../../../lib/util/hex';
import { proveInclusion } from '../../../lib/checkpoints/inclusion-proof';
import { parseTlogProof } from '../../../lib/notes/tlog-proof';
import { GrowingTree } from '../../../lib/checkpoints/growing-tree';
import { MongoStore } from '../../../models/store/mongo-store';
import mongoose from 'mongoose';
import { commandsOf, leavesOf, record } from '../../support/chain';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import { pathOf, treeOf } from '../../support/naive-tree';
import { LEDGER, newKey, statedIn } from '../../support/signing';
import { ENTRY_ALTERED } from '../../support/unreadable';
import { TREE_NODE_HASH } from '../../../lib/checkpoints/tree-node-hash';

const SIZE = 1_283;

it('proves every kind of place with few hashes and few reads, and heals a tree that is damaged', async () => {
  const { name: dbName, db } = await connect();
  const uri = sharedDatabaseUri();
  const connection = await mongoose.createConnection(uri, { dbName, monitorCommands: true }).asPromise();
  const audit = createAudit({ connection, ledger: LEDGER, signingKey: newKey() });
  await record(audit, 't', SIZE);
  const note = await audit.checkpoint('t');
  const leaves = await leavesOf(db!.collection('audit_entries'), 't');
  const builder = GrowingTree.empty(TREE_NODE_HASH);
  leaves.forEach((leaf) => builder.append(leaf));
  const { range } = builder;
  const head: IssuedCheckpoint = { note, keys: [], size: SIZE, root: range.root()!, frontier: range.hashes };
  const entries = [...(await audit.list({ tenantId: 't', order: 'asc', limit: 1000 }))];
  entries.push(...(await audit.list({ tenantId: 't', limit: SIZE - 1000 })).reverse());
  const store = new MongoStore(connection);
  const commands = commandsOf(connection);
  for (const index of [0, 1, 255, 256, 700, 1023, 1024, 1279, 1280, 1281, 1282]) {
    commands.clear();
    const proof = await proveInclusion(entries[index]!, head, store);
    expect(commands.names.length).toBeLessThanOrEqual(4);
    expect(proof.hashes.length).toBeLessThanOrEqual(20);
    expect(proof.hashes.map(decodeHex).map((hash) => Buffer.from(hash))).toEqual(
      pathOf(treeOf(leaves), index, 0, SIZE).map((hash) => Buffer.from(hash)),
    );
    expect(parseTlogProof(proof.text)).toMatchObject({ index, checkpoint: note });
  }
  expect(statedIn(note).size).toBe(SIZE);

  const { id } = entries[300]!;
  await db!.collection('audit_tiles').updateMany({}, { $set: { hashes: Buffer.alloc(8192) } });
  expect(await audit.prove({ tenantId: 't', id })).toMatchObject({ index: 300 });
  await expect(proveInclusion({ ...entries[3]!, seq: 5 }, head, store)).rejects.toEqual(ENTRY_ALTERED);
  expect(await audit.prove({ tenantId: 't', id: 'nobody' })).toBeNull();
  await record(audit, 't', 1);
  const [last] = await audit.list({ tenantId: 't', limit: 1 });
  expect(await audit.prove({ tenantId: 't', id: last!.id })).toBeNull(); // no checkpoint covers it
  await audit.close();
  await connection.close();
});
