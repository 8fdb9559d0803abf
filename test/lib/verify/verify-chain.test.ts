import mongoose, { type Connection, type mongo } from 'mongoose';
import type { Audit, ProblemKind, VerificationReport } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { link } from '../../../lib/chain/link';
import { toDocument } from '../../../models/store/write-document';
import { connect } from '../../support/connection';
import { keepDatabase } from '../../support/kept-database';
import { sha256 } from '../../../lib/crypto/node';

const { BSONSymbol, Decimal128, Double, Int32, Long, ObjectId } = mongoose.mongo;

/** The entry that is tampered with, in a chain of nine. */
const VICTIM = 5;
const ACTOR_ID = '64f000000000000000000001';

let connection: Connection;
let audit: Audit;
let entries: mongo.Collection;

let restore: () => Promise<void>;

beforeAll(async () => {
  connection = await connect();
  const first = createAudit({ connection });
  entries = connection.db!.collection('audit_entries');
  const batch = first.batch();
  for (let n = 1; n <= 9; n++) batch.event(fullEvent('t', n));
  await batch.commit();
  await first.close();
  restore = await keepDatabase(connection);
});
beforeEach(() => {
  audit = createAudit({ connection });
});
afterEach(async () => {
  await audit.close();
  await restore();
});

/** An event that fills every member of an entry. */
function fullEvent(tenantId: string, n: number) {
  return {
    tenantId,
    id: `event-${n}`,
    action: 'org.member.update',
    actor: { id: ACTOR_ID, type: 'user' as const, name: 'Ann', onBehalfOf: 'user-7' },
    resource: { id: `member-${n}`, type: 'member', name: 'Bob' },
    metadata: { n, ratio: 1.5, big: 2 ** 40, flag: true, none: null, list: ['a', 1], text: '42' },
    before: { role: 'member' },
    after: { role: 'admin' },
    context: { ipAddress: '203.0.113.9', statusCode: 200, method: 'POST' },
  };
}

async function verify(): Promise<[ProblemKind, number | null][]> {
  const report = await audit.verify({ tenantId: 't' });
  expect(report.verdict).toBe(report.problemCount === 0 ? 'intact' : 'broken');
  expect(report.problems).toHaveLength(report.problemCount);
  return report.problems.map(({ kind, seq }) => [kind, seq]);
}

async function change(update: Record<string, unknown>): Promise<void> {
  const { modifiedCount } = await entries.updateOne({ tenantId: 't', seq: VICTIM }, update);
  expect(modifiedCount).toBe(1);
}

async function stored(seq: number): Promise<mongo.Document> {
  return (await entries.findOne({ tenantId: 't', seq }, { promoteValues: false }))!;
}

describe('an untouched chain', () => {
  it('is intact, and says that nothing anchors its end', async () => {
    expect(await audit.verify({ tenantId: 't' })).toEqual<VerificationReport>({
      tenantId: 't',
      verdict: 'intact',
      anchor: 'none',
      size: 9,
      anchoredSize: 0,
      problemCount: 0,
      problems: [],
      notices: [],
    });
  });

  it('of no entries is intact', async () => {
    expect(await audit.verify({ tenantId: 'nobody' })).toMatchObject({ verdict: 'intact', size: 0 });
  });

  it('is not verified for anything but a tenant', async () => {
    await expect(audit.verify({ tenantId: { $ne: null } as never })).rejects.toMatchObject({
      code: 'INVALID_QUERY',
    });
  });
});

describe('when one stored member is edited', () => {
  it.each<[string, unknown]>([
    ['v', 2],
    ['id', 'event-99'],
    ['occurredAt', new Date(0)],
    ['recordedAt', new Date()],
    ['actor', 'mallory'],
    ['actorType', 'system'],
    ['actorName', 'Mallory'],
    ['onBehalfOf', 'nobody'],
    ['action', 'org.member.view'],
    ['resource', 'member-1'],
    ['resourceType', 'team'],
    ['resourceName', 'Eve'],
    ['outcome', 'denied'],
    ['context.ipAddress', '198.51.100.1'],
    ['metadata.n', 6],
    ['metadata.list.0', 'b'],
    ['before', null],
    ['after.role', 'member'],
    ['hash', '0'.repeat(64)],
    ['commitments', {}],
    ['extra', 'member'],
    ['metadata.extra', {}],
  ])('names the entry as altered: %s', async (member, value) => {
    await change({ $set: { [member]: value } });
    expect(await verify()).toEqual([['altered', VICTIM]]);
  });

  it('names a wrong prevHash as altered', async () => {
    await change({ $set: { prevHash: 'f'.repeat(64) } });
    expect(await verify()).toEqual([
      ['altered', VICTIM],
      ['relinked', VICTIM],
    ]);
  });

  it.each(['actorName', 'resource', 'before', 'context', 'hash', 'v', 'metadata.none'])(
    'names a removed one as altered: %s',
    async (member) => {
      await change({ $unset: { [member]: '' } });
      expect(await verify()).toEqual([['altered', VICTIM]]);
    },
  );

  it.each(['tenantId', 'seq'])('names the entry as missing: %s', async (member) => {
    await change({ $set: { [member]: 'elsewhere' } });
    expect(await verify()).toContainEqual(['missing', VICTIM]);
  });

  it('names a wrong _id as altered', async () => {
    const { _id, ...entry } = await stored(VICTIM);
    await entries.deleteOne({ _id });
    await entries.insertOne({ ...entry, _id: 't:event-55' as never });
    expect(await verify()).toEqual([['altered', VICTIM]]);
  });
});

describe('when the BSON type of a member is swapped for one that prints alike', () => {
  it.each<[string, string, unknown]>([
    ['a string actor', 'actor', new ObjectId(ACTOR_ID)],
    ['a string action', 'action', new BSONSymbol('org.member.update')],
    ['an int in metadata', 'metadata.n', Long.fromNumber(VICTIM)],
    ['an int in metadata', 'metadata.n', new Double(VICTIM)],
    ['an int in metadata', 'metadata.n', Decimal128.fromString('5')],
    ['a double in metadata', 'metadata.ratio', Decimal128.fromString('1.5')],
    ['a large number in metadata', 'metadata.big', Long.fromNumber(2 ** 40)],
    ['a string in metadata', 'metadata.text', new Int32(42)],
    ['a string in metadata', 'metadata.text', new BSONSymbol('42')],
    ['the version', 'v', new Double(1)],
    ['the version', 'v', Long.fromNumber(1)],
    ['a status code', 'context.statusCode', new Double(200)],
  ])('names the entry as altered: %s (%s)', async (_, member, value) => {
    await change({ $set: { [member]: value } });
    expect(await verify()).toEqual([['altered', VICTIM]]);
  });

  it.each<[string, unknown]>([
    ['a long', Long.fromNumber(VICTIM)],
    ['a double', new Double(VICTIM)],
    ['a decimal', Decimal128.fromString(String(VICTIM))],
  ])('finds a seq that is %s', async (_, seq) => {
    await change({ $set: { seq } });
    expect(await verify()).toEqual([['altered', VICTIM]]);
  });

  it('finds a date that became a string', async () => {
    const { occurredAt } = await stored(VICTIM);
    await change({ $set: { occurredAt: (occurredAt as Date).toISOString() } });
    expect(await verify()).toEqual([['altered', VICTIM]]);
  });

  it('finds a tenant that became an array of it, which queries still match', async () => {
    await change({ $set: { tenantId: ['t'] } });
    expect((await verify()).map(([kind]) => kind)).toContain('altered');
  });
});

describe('when entries are removed, added or moved', () => {
  it('names a deleted one as missing', async () => {
    await entries.deleteOne({ tenantId: 't', seq: VICTIM });
    expect(await verify()).toEqual([['missing', VICTIM]]);
  });

  it('names the first of several deleted ones, and says how many', async () => {
    await entries.deleteMany({ tenantId: 't', seq: { $gte: 2, $lte: 4 } });
    const { problems } = await audit.verify({ tenantId: 't' });
    expect(problems).toEqual([{ kind: 'missing', seq: 2, message: 'Entries 2 to 4 are missing.' }]);
  });

  it('names the beginning as missing', async () => {
    await entries.deleteOne({ tenantId: 't', seq: 1 });
    expect(await verify()).toEqual([['missing', 1]]);
  });

  it('names both of two swapped ones as altered', async () => {
    await entries.updateOne({ tenantId: 't', seq: 4 }, { $set: { seq: 1_000 } });
    await entries.updateOne({ tenantId: 't', seq: 5 }, { $set: { seq: 4 } });
    await entries.updateOne({ tenantId: 't', seq: 1_000 }, { $set: { seq: 5 } });
    const problems = await verify();
    expect(problems).toContainEqual(['altered', 4]);
    expect(problems).toContainEqual(['altered', 5]);
  });

  it('names an inserted one as altered', async () => {
    const { _id, ...entry } = await stored(9);
    await entries.insertOne({
      ...entry,
      _id: 't:forged' as never,
      seq: new Int32(10),
      id: 'forged',
      actor: 'mallory',
    });
    expect(await verify()).toEqual([
      ['altered', 10],
      ['relinked', 10],
    ]);
  });

  it('finds one that was put in without a place: a fraction, a text, nothing', async () => {
    const { _id, ...entry } = await stored(VICTIM);
    const forged = [5.5, 'five', null].map((seq, i) => ({ ...entry, _id: `t:forged-${i}` as never, seq }));
    await entries.insertMany(forged);
    expect(await verify()).toEqual([
      ['altered', null],
      ['altered', null],
      ['altered', null],
    ]);
  });

  it('names a number that is there twice as duplicated', async () => {
    await entries.dropIndex('tenantId_1_seq_1');
    const { _id, ...entry } = await stored(VICTIM);
    await entries.insertOne({ ...entry, _id: 't:copy' as never });
    expect(await verify()).toContainEqual(['duplicated', VICTIM]);
    await entries.deleteOne({ _id: 't:copy' as never });
    await entries.createIndexes([{ key: { tenantId: 1, seq: 1 }, unique: true }]);
  });

  it('names a transplant from another tenant as foreign', async () => {
    const other = audit.batch();
    for (let n = 1; n <= 9; n++) other.event({ ...fullEvent('u', n), id: `other-${n}` });
    await other.commit();
    await entries.deleteOne({ tenantId: 't', seq: VICTIM });
    await entries.updateOne({ tenantId: 'u', seq: VICTIM }, { $set: { tenantId: 't' } });
    expect(await verify()).toEqual([['foreign', VICTIM]]);
    const { problems } = await audit.verify({ tenantId: 'u' });
    expect(problems).toMatchObject([{ kind: 'missing', seq: VICTIM }]);
  });
});

describe('when someone edits an entry and hashes it again', () => {
  /** Rewrites entries from `seq` on as a forger would who knows the format, up to the end of the chain or `until`. */
  async function forge(
    seq: number,
    until: number,
    edit: (entry: Record<string, unknown>) => void,
  ): Promise<void> {
    const page = await audit.list({ tenantId: 't', order: 'asc' });
    let head = page[seq - 2]!;
    for (const { seq: _, prevHash: __, hash: ___, recordedAt, ...draft } of page.slice(seq - 1, until)) {
      const forged = { ...draft } as Record<string, unknown>;
      if (head.seq === seq - 1) edit(forged);
      const at = (forged['recordedAt'] as string | undefined) ?? recordedAt;
      head = link(forged as never, { ...head, recordedAt: '' }, at, sha256);
      await entries.replaceOne({ tenantId: 't', seq: head.seq }, toDocument(head));
    }
  }

  it('names the next entry as relinked', async () => {
    await forge(VICTIM, VICTIM, (entry) => (entry['actor'] = 'mallory'));
    expect(await verify()).toEqual([['relinked', VICTIM + 1]]);
  });

  it('names an entry that goes back in time as backdated', async () => {
    await forge(VICTIM, 9, (entry) => (entry['recordedAt'] = '2020-01-01T00:00:00.000Z'));
    expect(await verify()).toEqual([['backdated', VICTIM]]);
  });

  it('does not find a suffix rewritten to its end, which is why nothing is said to be anchored', async () => {
    await forge(VICTIM, 9, (entry) => (entry['actor'] = 'mallory'));
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({
      verdict: 'intact',
      anchor: 'none',
      anchoredSize: 0,
    });
  });
});

describe('when very many entries are broken', () => {
  it('counts all and lists the first hundred', async () => {
    const batch = audit.batch();
    for (let n = 10; n <= 130; n++) batch.event(fullEvent('t', n));
    await batch.commit();
    await entries.updateMany({ tenantId: 't' }, { $set: { actor: 'mallory' } });
    const report = await audit.verify({ tenantId: 't' });
    expect(report).toMatchObject({ verdict: 'broken', size: 130, problemCount: 130 });
    expect(report.problems.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });
});

describe('when entries are recorded meanwhile', () => {
  it('verifies what was there at its start', async () => {
    const running = audit.verify({ tenantId: 't' });
    await Promise.all([running, audit.event(fullEvent('t', 10))]);
    expect(await running).toMatchObject({ verdict: 'intact' });
    expect((await audit.verify({ tenantId: 't' })).size).toBe(10);
  });
});
