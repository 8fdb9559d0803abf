import { writeFileSync, mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { createAudit } from '../support/create-audit';
import { type Facts, findings } from '../../bin/diagnosis';
import { connect } from '../support/connection';
import { sharedDatabaseUri } from '../support/database';
import { LEDGER, newKey, pemOf } from '../support/signing';
import { temporaryFolder } from '../support/temporary';
import { runHere } from './program';

const NOW = Date.parse('2026-11-28T12:00:00Z');
const DAY = 86_400_000;

const HEALTHY: Facts = {
  database: {
    ...{ version: '8.0.4', replicaSet: 'rs0', isSharded: false, members: 3, clockAheadMs: 12 },
    ...{ changes: [], isAuthenticated: true },
    entries: {
      ...{ missingIndexes: [], expiringIndexes: [], collation: null, isCapped: false },
      ...{ count: 1000, bytes: 2_000_000 },
    },
  },
  tenants: [
    {
      ...{
        tenantId: 'acme',
        size: 1000,
        isAltered: false,
        newestAt: '2026-11-28T11:00:00.000Z',
        ofLastDay: 100,
      },
      ...{ covered: 990, isSigned: true, checkpointAt: '2026-11-28T10:00:00.000Z' },
    },
  ],
  tenantCount: 1,
  configuration: { spool: null, checkpoints: { file: '/mnt/x.jsonl' } },
  failure: null,
  resumed: null,
  outbox: { count: 0, oldest: null },
  spool: { files: 0, bytes: 0, oldest: null },
  keys: [],
  unstatedKeys: [],
  streams: [],
  unseen: [],
};

const levels = (facts: Facts, level: string): string[] =>
  findings(facts, { maxAgeMs: DAY, now: NOW })
    .filter((finding) => finding.level === level)
    .map(({ about, says }) => `${about}: ${says}`);
const database = (change: object): Facts => ({ ...HEALTHY, database: { ...HEALTHY.database, ...change } });
const entries = (change: object): Facts => database({ entries: { ...HEALTHY.database.entries, ...change } });
const tenant = (change: object): Facts => ({ ...HEALTHY, tenants: [{ ...HEALTHY.tenants[0]!, ...change }] });
const told = (action: string, seq: number, at: string) =>
  ({ action, seq, recordedAt: at, metadata: { code: 'STORE_UNAVAILABLE', message: 'away' } }) as never;

describe('a diagnosis', () => {
  it('finds nothing wrong where nothing is', () => {
    expect([levels(HEALTHY, 'bad'), levels(HEALTHY, 'look'), levels(HEALTHY, 'unknown')]).toEqual([
      [],
      [],
      [],
    ]);
  });

  it.each<[string, Facts, string]>([
    ['no unique index', entries({ missingIndexes: ['tenantId, seq'] }), 'indexes: the unique index'],
    ['an index that deletes', entries({ expiringIndexes: ['ttl'] }), 'indexes: ttl deletes'],
    ['a collation', entries({ collation: 'de' }), 'collation: the entries are compared as de'],
    ['a capped collection', entries({ isCapped: true }), 'collections: the entries are capped'],
    ['a clock', database({ clockAheadMs: -5_000 }), 'clock: the server is 5.0 s behind'],
    ['an altered head', tenant({ isAltered: true }), 'chains: the newest entry was altered of acme'],
    ['the future', tenant({ newestAt: '9999-01-01T00:00:00.000Z' }), 'clock: entries from the future'],
    [
      'an old checkpoint',
      tenant({ checkpointAt: '2026-11-26T00:00:00.000Z' }),
      'checkpoints: older than 86400 s, with newer entries behind them: acme (10 not covered)',
    ],
    ['an old outbox', { ...HEALTHY, outbox: { count: 2, oldest: NOW - 90_000 } }, 'outbox: 2 events wait'],
    ['an old spool', { ...HEALTHY, spool: { files: 1, bytes: 9, oldest: NOW - DAY } }, 'spool: 1 files'],
    ['a spool out of reach', { ...HEALTHY, spool: { failure: 'ENOENT' } }, 'spool: cannot be read'],
    [
      'a failure',
      { ...HEALTHY, failure: told('ledger.failure', 5, '2026-11-28T11:00:00Z') },
      'failures: STORE_UNAVAILABLE',
    ],
    [
      'an altered chain',
      { ...HEALTHY, unseen: [{ about: 'the chain of acme', why: 'Entry 3 was altered', isAltered: true }] },
      'the chain of acme: Entry 3 was altered',
    ],
    ['a stream', { ...HEALTHY, streams: [{ name: 's', state: 'failing', lag: 3 }] }, 'stream s: failing'],
  ])('calls %s wrong', (_, facts, says) => {
    expect(levels(facts, 'bad')).toEqual([expect.stringContaining(says)]);
  });

  it.each<[string, Facts, string]>([
    ['a single server', database({ replicaSet: null }), 'replica set: a single server'],
    ['no access control', database({ isAuthenticated: false }), 'role: nobody has to sign in'],
    ['a user who may do more', database({ changes: ['remove'] }), 'role: this user may remove'],
    ['no checkpoint', tenant({ covered: null }), 'checkpoints: there are none of acme'],
    ['no copies', { ...HEALTHY, configuration: {} }, 'copies of checkpoints: none leave'],
    [
      'a failure that is over',
      {
        ...HEALTHY,
        failure: told('ledger.failure', 5, '2026-11-28T11:00:00Z'),
        resumed: told('ledger.resumed', 6, '2026-11-28T11:01:00Z'),
      },
      'failures: STORE_UNAVAILABLE at 2026-11-28T11:00:00Z, over at',
    ],
  ])('has a look at %s', (_, facts, says) => {
    expect(levels(facts, 'bad')).toEqual([]);
    expect(levels(facts, 'look')).toEqual([expect.stringContaining(says)]);
  });
});

describe('audit-ledger doctor', () => {
  it('looks at a database, says what is there, and writes nothing', async () => {
    const connection = await connect();
    const audit = createAudit({ connection, ledger: LEDGER, signingKey: pemOf(newKey()) });
    await audit.event({ tenantId: 'acme', action: 'org.read' });
    await audit.checkpoint('acme');
    await audit.close();
    const documents = async () => {
      const names = (await connection.listCollections()).map(({ name }) => name).sort();
      return Promise.all(
        names.map(async (name) => [name, await connection.collection(name).countDocuments()]),
      );
    };
    const before = await documents();
    const at = ['--uri', sharedDatabaseUri(), '--db', connection.name];
    const { code, out, err } = await runHere(['doctor', ...at, '--json']);
    const { findings: found } = JSON.parse(out) as { findings: { about: string; level: string }[] };
    const level = Object.fromEntries(found.map((finding) => [finding.about, finding.level]));
    expect(level).toMatchObject({
      indexes: 'good',
      checkpoints: 'good',
      outbox: 'good',
      size: 'good',
      clock: 'good',
    });
    expect([code, err]).toEqual([0, '']);
    expect(await documents()).toEqual(before);
    const spool = temporaryFolder();
    const folder = join(spool, 'f');
    mkdirSync(folder);
    writeFileSync(join(folder, `${'0'.repeat(16)}.jsonl`), '{}\n');
    utimesSync(join(folder, `${'0'.repeat(16)}.jsonl`), 1, 1);
    const said = await runHere(['doctor', ...at, '--spool', spool]);
    expect(said.code).toBe(1);
    expect(said.out).toMatch(/^good {3}indexes: all are there$/m);
    expect(said.out).toMatch(/^wrong {2}spool: 1 files of 3 bytes/m);
  });

  it('names API keys whose rights nobody gave them by the ledger: planted, or widened in the database', async () => {
    const connection = await connect();
    const audit = createAudit({ connection });
    const honest = await audit.keys.create({ name: 'honest', scopes: ['write'], tenants: 'any' });
    const widened = await audit.keys.create({ name: 'widened', scopes: ['write'], tenants: ['acme'] });
    const narrowed = await audit.keys.create({ name: 'narrowed', scopes: ['write', 'read'], tenants: 'any' });
    const ended = await audit.keys.create({ name: 'ended', scopes: ['write'], tenants: 'any' });
    await audit.keys.narrow(narrowed.id, { scopes: ['write'] });
    await audit.keys.revoke(ended.id);
    await audit.close();
    const keys = connection.db!.collection<{ _id: string }>('audit_keys');
    const planted = honest.id.replace(/^./, (first) => (first === 'a' ? 'b' : 'a'));
    await keys.insertOne({ ...(await keys.findOne({ _id: honest.id }))!, _id: planted });
    await keys.updateOne({ _id: widened.id }, { $set: { scopes: ['write', 'read', 'export'] } });
    await keys.updateOne({ _id: ended.id }, { $set: { scopes: ['export'] } });
    const args = ['doctor', '--uri', sharedDatabaseUri(), '--db', connection.name];
    const { code, out } = await runHere(args);
    expect(code).toBe(1);
    const [line] = out.split('\n').filter((line) => line.includes('API keys'));
    expect(line).toMatch(/^wrong.*no entry of the chain system gives these the rights that they have/);
    for (const { id } of [{ id: planted }, widened]) expect(line).toContain(id);
    for (const { id } of [honest, narrowed, ended]) expect(line).not.toContain(id);
  });

  it('looks at the rest where a chain was altered, and says which', async () => {
    const connection = await connect();
    const audit = createAudit({ connection });
    await audit.event({ tenantId: 'acme', action: 'org.read' });
    await audit.close();
    const entries = connection.getClient().db(connection.name).collection('audit_entries');
    await entries.updateMany({ tenantId: 'system' }, { $set: { actor: 7 } });
    const { code, out } = await runHere(['doctor', '--uri', sharedDatabaseUri(), '--db', connection.name]);
    expect(code).toBe(1);
    expect(out).toMatch(/^wrong {2}the chain system: Entry \d+ of the tenant "system" was altered/m);
    expect(out).toMatch(/^good {3}indexes/m);
  });

  it('says when it cannot look', async () => {
    const { code, err } = await runHere(['doctor', '--uri', 'nonsense']);
    expect(code).toBe(2);
    expect(err).toContain('audit-ledger doctor: ');
    expect((await runHere(['doctor', '--uri', 'mongodb://x', '--max-age', '0'])).err).toContain(
      '--max-age must be',
    );
  });
});
