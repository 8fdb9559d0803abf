import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import mongoose, { type Connection, type mongo } from 'mongoose';
import type { Audit, ProblemKind } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { link } from '../../../lib/chain/link';
import { GrowingTree } from '../../../lib/checkpoints/growing-tree';
import { toDocument } from '../../../models/store/write-document';
import { MongoStore } from '../../../models/store/mongo-store';
import { leavesOf, record, rewrite, rootOf } from '../../support/chain';
import { connect } from '../../support/connection';
import { until } from '../../support/deadline';
import { sharedDatabaseUri } from '../../support/database';
import { keepDatabase } from '../../support/kept-database';
import { storeChain } from '../../support/ready-chain';
import { LEDGER, newKey, noteBy, vkeyOf } from '../../support/signing';
import { sized } from '../../support/sized';
import { temporaryFolder } from '../../support/temporary';
import { CHECKPOINT_CONTRADICTED } from '../../support/unreadable';
import { TREE_NODE_HASH } from '../../../lib/checkpoints/tree-node-hash';
import { sha256 } from '../../../lib/crypto/node';
import { eventually } from '../../support/eventually';

/** Entries at the first checkpoint, and at the last. */
const [FIRST, SIZE] = [240, 260];

/** The ledger's own connection, and the insider's. */
let connection: Connection;
let raw: Connection;
let entries: mongo.Collection;
let checkpoints: mongo.Collection<{ _id: string }>;
let key: KeyObject;
let path: string;
let audit: Audit;
let errors: Error[];
/** A copy that was kept elsewhere. */
let note: string;

let restore: () => Promise<void>;
const opened: Audit[] = [];

beforeAll(async () => {
  connection = await connect();
  raw = await mongoose.createConnection(sharedDatabaseUri(), { dbName: connection.name }).asPromise();
  entries = raw.db!.collection('audit_entries');
  checkpoints = raw.db!.collection<{ _id: string }>('audit_checkpoints');
  key = newKey();
  const first = ledger();
  const chain = await storeChain(connection, 't', FIRST);
  await first.checkpoint('t');
  await storeChain(connection, 't', SIZE - FIRST, undefined, chain.at(-1));
  note = await first.checkpoint('t');
  await closeAll();
  restore = await keepDatabase(connection);
});
beforeEach(() => {
  path = join(temporaryFolder(), 'checkpoints');
  audit = ledger();
  errors = [];
  audit.on('error', (error) => errors.push(error));
});
afterEach(async () => {
  await restore(); // a chain that was blocked then takes what its ledgers have to say at their end, who would wait for it
  await closeAll();
  await restore();
});
afterAll(() => raw.close());

/** None may write what belongs to a test into the next one. */
async function closeAll(): Promise<void> {
  for (const each of opened.splice(0)) await each.close();
}

/** A ledger on the same entries, with no file of checkpoints but where one is given. */
function ledger(signingKey: KeyObject = key, file?: string): Audit {
  const made = createAudit({
    connection,
    ledger: LEDGER,
    signingKey,
    checkpoints: { file },
  });
  opened.push(made);
  return made;
}

async function problems(options: object = {}, by = audit): Promise<[ProblemKind, number | null][]> {
  const report = await by.verify({ tenantId: 't', ...options });
  expect(report.verdict).toBe(report.problemCount === 0 ? 'intact' : 'broken');
  return report.problems.map(({ kind, seq }) => [kind, seq]);
}

const chain = () => audit.list({ tenantId: 't', order: 'asc', limit: 1000 });
const own = { _id: { $gte: 't:', $lt: 't;' } };
const dropCheckpoints = () => checkpoints.deleteMany(own);

/** Edits an entry, hashes and links all behind it again, and makes the tiles fit. */
async function rewriteAll(seq = 250): Promise<void> {
  await rewrite(entries, await chain(), seq);
  const builder = GrowingTree.empty(TREE_NODE_HASH);
  const tiles = (await leavesOf(entries, 't')).flatMap((leaf) => builder.append(leaf));
  await new MongoStore(raw).putTiles('t', tiles);
}
const cutTail = () => entries.deleteMany({ tenantId: 't', seq: { $gt: SIZE - 10 } });
const dropTenant = () => entries.deleteMany({ tenantId: 't' });

describe.each<[string, () => Promise<unknown>, [ProblemKind, number]]>([
  ['rewrites the chain and its tree', () => rewriteAll(), ['rewritten', SIZE]],
  ['cuts the tail', cutTail, ['truncated', SIZE - 9]],
  ['drops the tenant', dropTenant, ['truncated', 1]],
])('when an insider %s', (_, attack, problem) => {
  it('is found by the stored checkpoints, and nothing is signed', async () => {
    await attack();
    expect(await problems()).toContainEqual(problem);
    const before = await checkpoints.countDocuments();
    await expect(audit.checkpoint('t')).rejects.toEqual(CHECKPOINT_CONTRADICTED);
    expect(errors).toHaveLength(1);
    const failures = () => audit.list({ tenantId: 'system', action: 'ledger.failure' });
    await until(async () => (await failures()).length > 0);
    expect([...(await failures())]).toMatchObject([
      { metadata: { code: 'CHECKPOINT_CONTRADICTED', tenantId: 't' } },
    ]);
    expect(await checkpoints.countDocuments()).toBe(before);
  });

  it('is found without them by the note that was kept, and by the ledger’s own chain', async () => {
    await attack();
    await dropCheckpoints();
    expect(await problems({ checkpoint: note })).toContainEqual(problem);
    expect(await problems()).toEqual([problem]);
  });

  it('is found without both by the file of checkpoints, against which nothing is signed', async () => {
    await record(audit, 't', 1);
    const filing = ledger(key, path);
    await filing.checkpoint('t');
    await entries.deleteOne({ tenantId: 't', seq: SIZE + 1 }); // the file alone states it
    await attack();
    await dropCheckpoints();
    await entries.deleteMany({ tenantId: 'system', action: 'ledger.checkpoint' });
    const found = await problems({}, ledger(key, path));
    expect(found.map(([kind]) => kind)).toEqual(['truncated']);
    const later = ledger(key, path);
    const signals: unknown[] = [];
    later.on('error', ({ code }) => signals.push(code));
    await expect(later.checkpoint('t')).rejects.toEqual(CHECKPOINT_CONTRADICTED);
    // What was cut out of the ledger's own chain shows at its end, too.
    expect(signals.filter((code) => code !== 'CHAIN_BLOCKED')).toEqual(['CHECKPOINT_CONTRADICTED']);
    expect(await checkpoints.countDocuments(own)).toBe(0);
  });

  it('is found though a later, smaller statement was put into the ledger’s own chain', async () => {
    const newest = async () => (await audit.list({ tenantId: 'system', limit: 1 }))[0];
    await eventually(async () => expect((await newest())?.action).toBe('ledger.started')); // by then it writes no more
    const last = await newest();
    const { seq: _, hash: __, prevHash: ___, recordedAt, ...draft } = last!;
    const metadata = { tenantId: 't', size: 1, root: await rootOf(entries, 't', 1) };
    const planted = { ...draft, id: 'planted', action: 'ledger.checkpoint', resource: 't', metadata };
    await entries.insertOne(toDocument(link(planted, last!, recordedAt, sha256)) as never);
    await attack();
    await dropCheckpoints();
    expect((await problems()).at(-1)?.[0]).toBe(problem[0]);
  });
});

describe('when an insider appends entries of the right form', () => {
  it('says how many are anchored', async () => {
    const [last] = await audit.list({ tenantId: 't', limit: 1 });
    const { seq: _, hash: __, prevHash: ___, recordedAt, ...draft } = last!;
    const forged = link({ ...draft, id: 'forged', actor: 'mallory' }, last!, recordedAt, sha256);
    await entries.insertOne(toDocument(forged) as never);
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({
      verdict: 'intact',
      anchor: 'signed',
      size: SIZE + 1,
      anchoredSize: SIZE,
    });
  });
});

describe('when an insider plants checkpoints', () => {
  const plant = (size: number, note: string, members: object = {}) =>
    checkpoints.insertOne({
      _id: `t:${String(size).padStart(16, '0')}:zz${Math.random()}`,
      note,
      keys: [],
      ...members,
    } as never);
  const bytes = async (size: number) => Buffer.from(await rootOf(entries, 't', size), 'hex');

  it('is not misled by unsigned, strange or doubled ones that are right', async () => {
    const stranger = newKey();
    await plant(50, noteBy(null, 't', 50, await bytes(50)));
    await plant(SIZE, noteBy(stranger, 't', SIZE, await bytes(SIZE)), { keys: [vkeyOf(stranger, 't')] });
    await plant(SIZE, note);
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({
      verdict: 'intact',
      anchor: 'signed',
      anchoredSize: SIZE,
    });
    expect(await audit.checkpoint('t')).toBe(note);
  });

  it('still compares the others: one of the empty tree, one out of its place, a document without a place', async () => {
    await rewriteAll(FIRST + 1);
    const empty = Buffer.from(sha256(''), 'hex');
    await plant(0, noteBy(null, 't', 0, empty));
    await plant(1, noteBy(null, 't', SIZE, await bytes(SIZE)));
    await entries.insertOne({ _id: 't:junk' as never, tenantId: 't', seq: null });
    const found = await problems();
    expect(found).toContainEqual(['rewritten', SIZE]);
    expect(found).not.toContainEqual(['rewritten', FIRST]);
    expect((await audit.verify({ tenantId: 't' })).anchoredSize).toBe(FIRST);
  });

  it('names those that cannot be read', async () => {
    await record(audit, 'u', 5);
    const other = await audit.checkpoint('u');
    await plant(5, other); // another tenant's
    await plant(7, 'junk');
    await plant(8, 7 as never);
    await plant(9, noteBy(newKey(), 't', 9, await bytes(9))); // keys that do not verify it
    expect(await problems()).toEqual(Array.from({ length: 4 }, () => ['unreadable', null]));
    expect(await audit.checkpoint('t')).toBe(note);
    const { problems: found } = await audit.verify({ tenantId: 't' });
    expect(found.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/cannot be read: This is a checkpoint of ".*\/u", not of ".*\/t"\.$/),
    );
  });

  it('refuses a signature moved to another statement', async () => {
    await plant(SIZE + 5, note.replace(`\n${SIZE}\n`, `\n${SIZE + 5}\n`));
    expect((await problems()).map(([kind]) => kind)).toEqual(['unreadable']);
  });
});

describe('what holds a chain', () => {
  const anchorOf = async (options: object = {}, by = audit) => {
    const { verdict, anchor, anchoredSize } = await by.verify({ tenantId: 't', ...options });
    expect(verdict).toBe('intact');
    return [anchor, anchoredSize];
  };

  it('is the strongest: pinned, signed, self-signed, unsigned, none', async () => {
    const pin = noteBy(key, 't', 7, Buffer.from(await rootOf(entries, 't', 7), 'hex'));
    expect(await anchorOf({ checkpoint: pin })).toEqual(['pinned', 7]);
    expect(await anchorOf({ checkpoint: note, keys: [vkeyOf(key, 't')] })).toEqual(['pinned', SIZE]);
    expect(await anchorOf({ checkpoint: note, keys: [] })).toEqual(['pinned', SIZE]); // its own key counts
    expect(await anchorOf()).toEqual(['signed', SIZE]);
    const other = ledger(newKey());
    expect(await anchorOf({}, other)).toEqual(['self-signed', SIZE]);
    expect(await anchorOf({ keys: [vkeyOf(key, 't')] }, other)).toEqual(['signed', SIZE]);
    await dropCheckpoints();
    const root = Buffer.from(await rootOf(entries, 't', 9), 'hex');
    await checkpoints.insertOne({
      _id: 't:0000000000000009:unsigned',
      note: noteBy(null, 't', 9, root),
    } as never);
    expect(await anchorOf()).toEqual(['unsigned', 9]);
    await dropCheckpoints();
    expect(await anchorOf()).toEqual(['none', 0]);
  });

  it('outlives a change of the key', async () => {
    const later = ledger(newKey());
    await record(later, 't', 5);
    const renewed = await later.checkpoint('t');
    expect(await anchorOf({}, later)).toEqual(['signed', SIZE + 5]);
    expect(await anchorOf({ checkpoint: note, keys: [vkeyOf(key, 't')] }, later)).toEqual(['pinned', SIZE]);
    expect(await anchorOf({ checkpoint: renewed }, later)).toEqual(['pinned', SIZE + 5]);
    expect(await later.checkpoint('t')).toBe(renewed);
    expect(await later.prove({ tenantId: 't', id: (await chain())[3]!.id })).toMatchObject({
      checkpoint: renewed,
    });
    await rewriteAll(FIRST + 1);
    const last = ledger(newKey());
    last.on('error', () => undefined);
    await expect(last.checkpoint('t')).rejects.toEqual(CHECKPOINT_CONTRADICTED);
  });

  const unusable: [string, () => object][] = [
    ['junk', () => ({ checkpoint: 'junk' })],
    ['nothing', () => ({ checkpoint: '' })],
    ['null', () => ({ checkpoint: null })],
    ['an object', () => ({ checkpoint: Object.create(null) as object })],
    ['another tenant’s', () => ({ checkpoint: noteBy(key, 'u', 1, new Uint8Array(32)) })],
    [
      'a stranger’s',
      () => ({ checkpoint: noteBy(newKey(), 't', 1, new Uint8Array(32)), keys: [vkeyOf(key, 't')] }),
    ],
    [
      'an unsigned one, with keys',
      () => ({ checkpoint: noteBy(null, 't', 1, new Uint8Array(32)), keys: [] }),
    ],
    ['keys that are no list', () => ({ keys: vkeyOf(key, 't') })],
    ['keys that are none', () => ({ keys: ['key'] })],
    ['keys that only print like some', () => ({ keys: [{ toString: () => vkeyOf(key, 't') }] })],
    ['keys of no type', () => ({ keys: [Object.create(null), Symbol('key'), undefined] })],
  ];

  it('cannot be told by a checkpoint or keys that cannot be used', async () => {
    for (const [what, options] of unusable) {
      const refusal: unknown = await audit
        .verify({ tenantId: 't', ...options() })
        .catch((error: unknown) => error);
      expect([what, refusal]).toMatchObject([what, { name: 'AuditError', code: 'INVALID_QUERY' }]);
      expect(String(refusal)).not.toContain('is missing');
    }
  });
});

describe('when entries are recorded and checkpoints made meanwhile', () => {
  it('never says that anything was cut or rewritten', async () => {
    const other = ledger(newKey());
    let ended = false;
    const recording = async (by: Audit) => {
      while (!ended) await record(by, 't', 20);
    };
    let made = 0;
    const checking = async (by: Audit) => {
      for (; !ended; made++) await by.checkpoint('t');
    };
    const work = [recording(audit), recording(other), checking(audit), checking(other)];
    const failed = Promise.all(work);
    for (let n = 0; n < sized(5, 15); n++) expect(await problems()).toEqual([]);
    await until(() => made > sized(4, 10));
    ended = true;
    await failed;
    expect(errors).toEqual([]);
    expect(await problems()).toEqual([]);
  });
});
