import type { KeyObject } from 'node:crypto';
import mongoose, { type Connection, type mongo } from 'mongoose';
import type { Audit } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { CompactRange } from '../../../lib/tree/compact-range';
import { packHashes } from '../../../lib/tree/tile';
import { GrowingTree } from '../../../lib/checkpoints/growing-tree';
import { MongoStore } from '../../../models/store/mongo-store';
import { commandsOf, leavesOf, record, rootOf } from '../../support/chain';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import { keepDatabase } from '../../support/kept-database';
import { leafOf } from '../../support/naive-tree';
import { storeChain } from '../../support/ready-chain';
import { LEDGER, newKey, noteBy, statedIn, vkeyOf } from '../../support/signing';
import { sized } from '../../support/sized';
import { CHECKPOINT_CONTRADICTED, ENTRY_ALTERED } from '../../support/unreadable';
import { TREE_NODE_HASH } from '../../../lib/checkpoints/tree-node-hash';

const SIZE = 600;

let connection: Connection;
let key: KeyObject;
let audit: Audit;
let errors: Error[];
let entries: mongo.Collection;
let tiles: mongo.Collection<{ _id: string }>;
let checkpoints: mongo.Collection<{ _id: string }>;
let restore: () => Promise<void>;
beforeAll(async () => {
  connection = await connect();
  key = newKey();
  await new MongoStore(connection).prepare();
  restore = await keepDatabase(connection);
});
beforeEach(() => {
  errors = [];
  audit = createAudit({ connection, ledger: LEDGER, signingKey: key });
  audit.on('error', (error) => errors.push(error));
  const db = connection.db!;
  entries = db.collection('audit_entries');
  tiles = db.collection<{ _id: string }>('audit_tiles');
  checkpoints = db.collection<{ _id: string }>('audit_checkpoints');
});
afterEach(async () => {
  await audit.close();
  await restore();
});

/** What a checkpoint states is what RFC 6962 says of the entries. */
async function expectRight(tenantId = 't'): Promise<void> {
  const { size, root } = statedIn(await audit.checkpoint(tenantId));
  expect(size).toBe(await entries.countDocuments({ tenantId }));
  expect(root).toBe(await rootOf(entries, tenantId, size));
}

async function plant(note: string, members: object = {}): Promise<void> {
  const _id = `t:${note.split('\n')[1]!.padStart(16, '0')}:zz${Math.random()}`;
  await checkpoints.insertOne({
    _id,
    tenantId: 't',
    note,
    keys: [],
    frontier: Buffer.alloc(0),
    ...members,
  } as never);
}

describe('a checkpoint', () => {
  it('of a tenant without entries states the empty tree, and is not kept', async () => {
    expect(statedIn(await audit.checkpoint('t')).size).toBe(0);
    expect(await checkpoints.countDocuments({ _id: { $gte: 't:', $lt: 't;' } })).toBe(0);
  });

  it('is the same while nothing is recorded, and told of once', async () => {
    await record(audit, 't', 3);
    const notes = [await audit.checkpoint('t'), await audit.checkpoint('t')];
    expect(notes[0]).toBe(notes[1]);
    await plant(noteBy(newKey(), 't', 3, Buffer.from(await rootOf(entries, 't', 3), 'hex')));
    expect(await audit.checkpoint('t')).toBe(notes[0]);
    expect(await audit.list({ tenantId: 'system', action: 'ledger.checkpoint' })).toHaveLength(1);
  });

  it('has all that was recorded when it was asked for, also while another is made', async () => {
    await record(audit, 't', 5);
    const asked = [audit.checkpoint('t')];
    for (let n = 6; n < 12; n++) {
      await audit.event({ tenantId: 't', actor: 'a', action: 'b' });
      const at = n;
      asked.push(
        audit.checkpoint('t').then((note) => (expect(statedIn(note).size).toBeGreaterThanOrEqual(at), note)),
      );
    }
    await Promise.all(asked);
    await expectRight();
  });
});

describe('when what is stored beside the entries is damaged', () => {
  beforeEach(async () => {
    await storeChain(connection, 't', SIZE);
    await storeChain(connection, 'u', SIZE);
    await audit.checkpoint('t');
    await audit.checkpoint('u');
    await record(audit, 't', 1);
  });

  const tile = (tenantId: string, index = 0) => `${tenantId}:0:${String(index).padStart(16, '0')}`;
  const binary = (bytes: number) => new mongoose.mongo.Binary(Buffer.alloc(bytes, 7));
  const alter = (members: object) => tiles.updateOne({ _id: tile('t', 1) }, { $set: members });
  const alterCheckpoint = async (members: object) => {
    const [newest] = await checkpoints
      .find({ _id: { $gte: 't:', $lt: 't;' } })
      .sort({ _id: -1 })
      .limit(1)
      .toArray();
    await checkpoints.updateOne({ _id: newest!._id }, { $set: members });
  };

  const damages: [string, () => Promise<unknown>][] = [
    ['all tiles are gone', () => tiles.deleteMany({})],
    ['a tile is gone', () => tiles.deleteOne({ _id: tile('t') })],
    ['a tile has other hashes', () => alter({ hashes: binary(8192) })],
    ['a tile has another root', () => alter({ root: binary(32) })],
    ['a tile is of other types', () => alter({ hashes: 'x', root: 7 })],
    ['a tile has too much', () => alter({ hashes: binary(8192 * 3), root: binary(64) })],
    ['two tenants have swapped tiles', () => swap(tile('t'), tile('u'))],
    ['two tiles are swapped', () => swap(tile('t'), tile('t', 1))],
    ['the frontier is another', () => alterCheckpoint({ frontier: binary(32 * 4) })],
    ['the frontier is gone', () => alterCheckpoint({ frontier: null })],
    ['the frontier is a text', () => alterCheckpoint({ frontier: 'frontier' })],
    ['the keys are a number', () => alterCheckpoint({ keys: 7 })],
    ['the note is a number', () => alterCheckpoint({ note: 7 })],
    ['the note is junk', () => alterCheckpoint({ note: 'junk' })],
  ];

  it('signs what the entries say, and proves it, one damage after the other', async () => {
    for (const [what, damage] of damages) {
      await damage();
      await expectRight();
      await record(audit, 't', 30);
      await expectRight();
      const size = await entries.countDocuments({ tenantId: 't' });
      for (const seq of [1, 300, size]) {
        const entry = (await entries.findOne({ tenantId: 't', seq }))!;
        const proof = await audit.prove({ tenantId: 't', id: String(entry['id']) });
        expect([what, proof?.size]).toEqual([what, size]);
      }
      await record(audit, 't', 1);
    }
    expect(errors).toEqual([]);
  });

  it('writes tiles anew that are gone, as they were', async () => {
    const before = await tiles.find({ _id: { $gte: 't:', $lt: 't;' } }).toArray();
    await tiles.deleteMany({});
    await expectRight();
    expect(await tiles.find({ _id: { $gte: 't:', $lt: 't;' } }).toArray()).toEqual(before);
  });

  it('gives a frontier that gives the root, though the stored one was altered', async () => {
    await audit.checkpoint('t');
    await checkpoints.updateMany({}, { $set: { frontier: binary(64) } });
    const { id } = (await audit.list({ tenantId: 't', limit: 1 }))[0]!;
    expect(await audit.prove({ tenantId: 't', id })).toMatchObject({ size: SIZE + 1 });
    await expectRight();
  });

  async function swap(a: string, b: string): Promise<void> {
    const [first, second] = await Promise.all([tiles.findOne({ _id: a }), tiles.findOne({ _id: b })]);
    await tiles.replaceOne({ _id: a }, { ...second, _id: a });
    await tiles.replaceOne({ _id: b }, { ...first, _id: b });
  }
});

describe('when somebody plants a checkpoint and its tree', () => {
  it.each<[string, KeyObject | null]>([
    ['unsigned', null],
    ['signed by a stranger', newKey()],
  ])('never signs a tree that is not of the entries: %s', async (_, stranger) => {
    await storeChain(connection, 't', 300);
    const forged = (await leavesOf(entries, 't')).map((leaf, i) =>
      i < 299 ? leafOf(Buffer.from(`${i}`)) : leaf,
    );
    const builder = GrowingTree.empty(TREE_NODE_HASH);
    const full = forged.flatMap((leaf) => builder.append(leaf));
    await new MongoStore(connection).putTiles('t', full);
    // The tail's hashes are read from the entries, which the forger alters and leaves the last as it is.
    for (let seq = 257; seq < 300; seq++) {
      const hash = Buffer.from(forged[seq - 1]!).toString('hex');
      await entries.updateOne({ tenantId: 't', seq }, { $set: { hash } });
    }
    const frontier = new mongoose.mongo.Binary(Buffer.from(packHashes(builder.range.hashes)));
    const keys = stranger ? [vkeyOf(stranger, 't')] : [];
    await plant(noteBy(stranger, 't', 300, builder.range.root()!), { frontier, keys });
    await expect(audit.checkpoint('t')).rejects.toEqual(ENTRY_ALTERED);
    await record(audit, 't', 1);
    await expect(audit.checkpoint('t')).rejects.toEqual(ENTRY_ALTERED);
  });

  it('signs nothing against one that is too large', async () => {
    await record(audit, 't', 3);
    await plant(noteBy(newKey(), 't', 2 ** 40, new Uint8Array(32)));
    await expect(audit.checkpoint('t')).rejects.toEqual(CHECKPOINT_CONTRADICTED);
    expect(errors).toHaveLength(1);
  });

  it('is not stopped by those that are none of its tenant', async () => {
    await record(audit, 't', 3);
    await plant(noteBy(newKey(), 'u', 2 ** 40, new Uint8Array(32)));
    await plant(noteBy(newKey(), 't', 2, new Uint8Array(32)), { _id: 't:zzzz' });
    await expectRight();
  });
});

describe('when entries are damaged', () => {
  it('signs nothing, and says where', async () => {
    await record(audit, 't', 20);
    await entries.updateOne({ tenantId: 't', seq: 7 }, { $set: { actor: 'mallory' } });
    await expect(audit.checkpoint('t')).rejects.toThrow('entry 7');
    await entries.insertOne({ _id: 't:planted' as never, tenantId: 't', seq: 'x' });
    await expect(audit.checkpoint('t')).rejects.toThrow('without a place');
    expect(await checkpoints.countDocuments({ _id: { $gte: 't:', $lt: 't;' } })).toBe(0);
  });
});

describe('when a chain is long', () => {
  const LONG = sized(3_000, 6_000);

  it('costs what 1,000 new entries cost, wherever the checkpoint before was', async () => {
    await audit.close();
    const options = { dbName: connection.name, monitorCommands: true };
    const watched = await mongoose.createConnection(sharedDatabaseUri(), options).asPromise();
    audit = createAudit({ connection: watched, ledger: LEDGER, signingKey: key });
    const first = await storeChain(connection, 't', LONG);
    await audit.checkpoint('t');
    await storeChain(connection, 't', 1_000, undefined, first.at(-1));
    await audit.flush();
    const before = await tiles.countDocuments();
    const commands = commandsOf(watched);
    let documents = 0;
    watched.getClient().on('commandSucceeded', ({ reply }) => {
      const { cursor } = reply as { cursor?: { firstBatch?: unknown[]; nextBatch?: unknown[] } };
      documents += (cursor?.firstBatch ?? cursor?.nextBatch ?? []).length;
    });
    await expectRight2();
    expect(commands.names.length).toBeLessThan(25);
    expect(documents).toBeLessThan(1_000 + 2 * 255 + 60);
    expect((await tiles.countDocuments()) - before).toBe(
      Math.floor((LONG + 1_000) / 256) - Math.floor(LONG / 256),
    );
    await audit.close();
    await watched.close();

    async function expectRight2(): Promise<void> {
      const { size, root } = statedIn(await audit.checkpoint('t'));
      expect(size).toBe(LONG + 1_000);
      const range = new CompactRange(TREE_NODE_HASH);
      for (const leaf of await leavesOf(entries, 't')) range.append(leaf);
      expect(root).toBe(Buffer.from(range.root()!).toString('hex'));
    }
  });
});
