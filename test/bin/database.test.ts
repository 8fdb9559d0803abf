import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import { createAudit } from '../support/create-audit';
import type { EvidenceReport } from '../../lib/evidence/check/report';
import { checkpointOrigin } from '../../lib/notes/checkpoint';
import { formatVerifierKey, parseNote } from '../../lib/notes/note';
import { SigningKey } from '../../lib/checkpoints/signing-key';
import type { VerificationReport } from '../../lib/verify/verify-chain';
import { connect } from '../support/connection';
import { sharedDatabaseUri } from '../support/database';
import { until } from '../support/deadline';
import { keepDatabase } from '../support/kept-database';
import { stallingAfter } from '../support/stalling';
import { temporaryFolder } from '../support/temporary';
import { runHere, runProgram, startProgram } from './program';

const LEDGER = 'audit.example.com';
const { privateKey } = generateKeyPairSync('ed25519');
const PEM = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
/** As `keygen` prints it. */
const VKEY = formatVerifierKey(SigningKey.from(privateKey)!.verifierKey(checkpointOrigin(LEDGER, 't')));

/** A database with a chain of three entries, and the options that name it. */
interface Served {
  connection: Connection;
  at: string[];
  folder: string;
  keyFile: string;
  signing: string[];
  vkey: string;
}

/** One that several tests use in turn, each as it was made. */
let shared: Connection;
let restore: () => Promise<void>;
beforeAll(async () => {
  shared = await newDatabase();
  restore = await keepDatabase(shared);
});

async function serve(): Promise<Served> {
  await restore();
  return servedFrom(shared);
}

async function newDatabase({ checkpoint = true } = {}): Promise<Connection> {
  const connection = await connect();
  const audit = createAudit({ connection, ledger: LEDGER, signingKey: PEM });
  const batch = audit.batch();
  for (const actor of ['ada', 'ada', 'bob']) batch.event({ tenantId: 't', actor, action: 'org.invite' });
  await batch.commit();
  if (checkpoint) await audit.checkpoint('t');
  await audit.close();
  return connection;
}

function servedFrom(connection: Connection): Served {
  const folder = temporaryFolder();
  const keyFile = join(folder, 'key.pem');
  writeFileSync(keyFile, PEM);
  const signing = ['--ledger', LEDGER, '--signing-key', keyFile];
  const at = ['--uri', sharedDatabaseUri(), '--db', connection.name, '--tenant', 't'];
  return { connection, at, folder, keyFile, signing, vkey: VKEY };
}

const entries = ({ connection }: Served) =>
  connection.getClient().db(connection.name).collection('audit_entries');

/** All that is stored. */
async function contentOf({ connection }: Served): Promise<Record<string, number>> {
  const db = connection.getClient().db(connection.name);
  const names = (await db.listCollections().toArray()).map(({ name }) => name).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await db.collection(name).countDocuments()] as const)),
  );
}

/** It looks for its database for 10 s, while the other tests run. */
let unreachable: ReturnType<typeof runProgram>;
beforeAll(() => {
  unreachable = runProgram(['verify', '--uri', 'mongodb://127.0.0.1:1', '--tenant', 't', '--json']);
});

function reportIn(out: string) {
  return (JSON.parse(out) as { report: EvidenceReport | VerificationReport }).report;
}

describe('verify with a database', () => {
  it('ends with 0 under the key that signed a checkpoint of the chain, and writes nothing', async () => {
    const served = await serve();
    const before = await contentOf(served);
    const { code, out, err } = await runProgram(['verify', ...served.at, '--key', served.vkey]);

    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^"t": intact, and agrees with a checkpoint that a key given has signed\./);
    expect(await contentOf(served)).toEqual(before);
  });

  it('ends with 2 when nothing that was given holds the chain in place, unless that is allowed', async () => {
    const { at } = await serve();
    const unheld = await runHere(['verify', ...at]);
    const allowed = await runHere(['verify', ...at, '--allow-untrusted-key', '--json']);

    expect(unheld.code).toBe(2);
    expect(unheld.out).toContain('COULD NOT BE CHECKED: it is intact in itself');
    expect(allowed.code).toBe(0);
    expect(JSON.parse(allowed.out)).toEqual({
      tenantId: 't',
      exitCode: 0,
      error: null,
      report: expect.objectContaining({ verdict: 'intact', anchor: 'self-signed', size: 3 }),
    });
  });

  it('ends with 1 when an entry was changed, and with a checkpoint kept elsewhere when the tail was cut', async () => {
    const served = await serve();
    const log = join(served.folder, 'checkpoints');
    await runHere(['checkpoint', ...served.at, ...served.signing]);
    const { connection } = served;
    const db = connection.getClient().db(connection.name);
    const stored = await db.collection('audit_checkpoints').findOne({ tenantId: 't' });
    writeFileSync(log, `${JSON.stringify(stored!['note'])}\n`);
    const pinned = await runHere(['verify', ...served.at, '--checkpoint', log]);
    await db.collection('audit_checkpoints').deleteMany({});
    await entries(served).deleteMany({ tenantId: { $in: ['t', 'system'] }, seq: { $gte: 3 } });
    await entries(served).deleteMany({ tenantId: 'system' });
    const unseen = await runHere(['verify', ...served.at, '--allow-untrusted-key']);
    const cut = await runHere(['verify', ...served.at, '--checkpoint', log]);
    await entries(served).updateOne({ tenantId: 't', seq: 1 }, { $set: { actor: 'eve' } });
    const changed = await runProgram(['verify', ...served.at, '--json', '--allow-untrusted-key']);

    expect([pinned.code, unseen.code, cut.code, changed.code]).toEqual([0, 0, 1, 1]);
    expect(cut.out).toContain('truncated: ');
    expect(reportIn(changed.out).problems[0]).toMatchObject({ kind: 'altered', seq: 1 });
  });

  it('ends with 2 for a chain without entries', async () => {
    const { at } = await serve();
    const none = await runHere(
      ['verify', ...at, '--allow-untrusted-key'].map((arg) => (arg === 't' ? 'x' : arg)),
    );

    expect(none.code).toBe(2);
    expect(none.out).toContain('the chain has no entries');
  });

  it('takes the name of the database from the environment', async () => {
    const { at, vkey } = await serve();
    const [, uri, ...rest] = at as [string, string, ...string[]];
    const { code } = await runHere(['verify', ...rest, '--key', vkey], { env: { AUDIT_LEDGER_URI: uri } });

    expect(code).toBe(0);
  });
});

describe('export', () => {
  it.each(['jsonl', 'json', 'csv'])('writes %s that verify finds intact', async (format) => {
    const { at, signing, folder, vkey } = await serve();
    const out = join(folder, 'evidence');
    const run = format === 'jsonl' ? runProgram : runHere;
    const exported = await run(['export', ...at, ...signing, '--format', format, '--out', out]);
    const { code, out: said } = await runHere(['verify', out, '--key', vkey, '--json']);

    expect(exported).toEqual({ code: 0, out: '', err: '' });
    expect(code).toBe(0);
    expect(reportIn(said)).toMatchObject({ anchor: 'signed', entryCount: 4, statedBySigner: true });
    expect(readdirSync(folder).sort()).toEqual(['evidence', 'key.pem']);
  });

  it('writes to standard output what was asked for, and says who asked', async () => {
    const { at, signing, vkey } = await serve();
    const asked = ['--actor', 'ada', '--action', 'org.*', '--outcome', 'success', '--from', '2020-01-01'];
    const { code, out } = await runProgram([
      'export',
      ...at,
      ...signing,
      ...asked,
      '--by',
      'auditor@example.com',
    ]);
    const checked = await runHere(['verify', '-', '--key', vkey, '--json'], { input: out });
    const actors = [...out.matchAll(/"actor":"([^"]+)","id"|"action":"[^"]+","actor":"([^"]+)"/g)].map(
      (m) => m[2],
    );

    expect([code, checked.code]).toEqual([0, 0]);
    expect(reportIn(checked.out)).toMatchObject({
      scope: 'filtered',
      filter: { actor: 'ada', action: 'org.*', outcome: 'success', from: '2020-01-01T00:00:00.000Z' },
    });
    expect(actors.filter((actor) => actor !== undefined)).toContain('auditor@example.com');
  });

  it('never says that the actor asked for has asked', async () => {
    const served = await serve();
    await runHere(['export', ...served.at, ...served.signing, '--actor', 'ada']);
    const own = await entries(served).findOne({ action: 'audit.export' });

    expect(own!['actor']).not.toBe('ada');
  });

  it('records itself, and neither a start nor an end of the ledger', async () => {
    const served = await serve();
    const system = { tenantId: 'system', action: /^ledger\.st/ };
    const before = await entries(served).countDocuments(system);
    const { code } = await runHere(['export', ...served.at, '--no-proof']);

    expect(code).toBe(0);
    expect(await entries(served).countDocuments({ action: 'audit.export' })).toBe(1);
    expect(await entries(served).countDocuments(system)).toBe(before);
  });

  it('leaves the chain one that verifies, also when nobody signs', async () => {
    const { at, vkey } = await serve();
    const exported = await runHere(['export', ...at]);
    const unsigned = await runHere(['verify', '-'], { input: exported.out });
    const chain = await runHere(['verify', ...at, '--key', vkey]);

    expect(exported.err).toContain('nobody signs this evidence');
    expect([exported.code, unsigned.code, chain.code]).toEqual([0, 2, 0]);
  });

  it('refuses the name of another ledger, which would spoil the chain', async () => {
    const served = await serve();
    const before = await contentOf(served);
    const named = ['--ledger', 'other.example.com', '--signing-key', served.keyFile];
    const { code, err } = await runHere(['export', ...served.at, ...named]);

    expect(code).toBe(2);
    expect(err).toContain('are of the ledger "audit.example.com", not of "other.example.com"');
    expect(await contentOf(served)).toEqual(before);
  });

  it('leaves no file that looks whole when it fails', async () => {
    const served = await serve();
    const out = join(served.folder, 'evidence');
    writeFileSync(out, 'the one of yesterday');
    await entries(served).updateOne({ tenantId: 't', seq: 2 }, { $set: { actor: 5 } });
    const { code, err } = await runHere(['export', ...served.at, '--no-proof', '--out', out]);

    expect(code).toBe(2);
    expect(err).toContain('audit-ledger export: Entry 2 of the tenant "t" was altered');
    expect(readdirSync(served.folder).sort()).toEqual(['evidence', 'key.pem']);
    expect(readFileSync(out, 'utf8')).toBe('the one of yesterday');
  });

  it('ends when the database takes nothing, instead of waiting for good', async () => {
    const served = servedFrom(await newDatabase());
    await entries(served).dropIndexes();
    await entries(served).updateOne({ tenantId: 't', seq: 3 }, { $set: { seq: 2 } });
    const { code, err } = await runProgram(['export', ...served.at, '--no-proof']);

    expect(code).toBe(2);
    expect(err).toMatch(/^audit-ledger export: The database does not take entries: .*\n$/);
  });

  it('says what it cannot ask for', async () => {
    const { at } = await serve();
    const { code, err } = await runHere(['export', ...at, '--format', 'xml', '--from', 'yesterday']);

    expect(code).toBe(2);
    expect(err).toContain('`format` must be');
    expect(err).toContain('`from` must be');
  });
});

describe('checkpoint', () => {
  it('prints the signed note, and appends it to a file', async () => {
    const { at, signing, folder, vkey } = servedFrom(await newDatabase({ checkpoint: false }));
    const file = join(folder, 'checkpoints');
    const { code, out } = await runProgram(['checkpoint', ...at, ...signing, '--file', file]);
    const checked = await runHere(['verify', ...at, '--checkpoint', file, '--key', vkey, '--json']);

    expect(code).toBe(0);
    expect(parseNote(out).text).toMatch(/^audit\.example\.com\/t\n3\n/);
    expect(JSON.parse(readFileSync(file, 'utf8').split('\n')[0]!)).toBe(out);
    expect(checked.code).toBe(0);
    expect(reportIn(checked.out)).toMatchObject({ anchor: 'pinned', anchoredSize: 3 });
  });

  it('signs nothing that contradicts what was signed before', async () => {
    const served = await serve();
    await entries(served).deleteMany({ tenantId: 't', seq: 3 });
    const { code, out, err } = await runHere(['checkpoint', ...served.at, ...served.signing]);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('contradicts an earlier checkpoint');
  });
});

describe('when the database is away', () => {
  it('ends with 2', async () => {
    const { code, out } = await unreachable;

    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: expect.stringContaining('cannot be reached') });
  });
});

describe('when an export is interrupted', () => {
  it('leaves nothing behind', async () => {
    const { connection, at, folder } = await serve();
    const audit = createAudit({ connection });
    const batch = audit.batch();
    for (let i = 0; i < 2000; i++) batch.event({ tenantId: 't', action: 'a.b', metadata: { i } });
    await batch.commit();
    await audit.close();
    const uri = await stallingAfter(300_000, connection); // else it might have ended before it is interrupted
    const there = at.map((arg, i) => (at[i - 1] === '--uri' ? uri : arg));
    const program = startProgram(['export', ...there, '--no-proof', '--out', join(folder, 'evidence')]);
    const closed = once(program, 'close');
    await until(() => readdirSync(folder).some((name) => name.endsWith('.partial')), 'it writes');
    program.kill('SIGINT');

    expect(await closed).toEqual([130, null]);
    expect(readdirSync(folder)).toEqual(['key.pem']);
  });
});
