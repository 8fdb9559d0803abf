import { mkdtempSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import { verifyEvidence } from '../../index';
import { readKnownHead } from '../../lib/store/known-chain';
import { MongoStore } from '../../models/store/mongo-store';
import { failingServer } from '../support/fail-points';
import { ledgerOn, type TestLedger } from '../support/memory-ledger';
import { newKey } from '../support/signing';

const server = failingServer();
const event = { tenantId: 't', action: 'a.b' };
const signingKey = newKey();

let connection: Connection;
let file: string;
let ledger: TestLedger;

/** A ledger that records nothing by itself: a write for the majority would end what an election leaves. */
function open(options: object = {}): TestLedger {
  return ledgerOn(new MongoStore(connection), { ledger: 'l.example', signingKey, ...options });
}

/** Five entries and a checkpoint of them, of which a new primary shows three by majority reads. */
beforeEach(async () => {
  connection = await server.connect();
  file = join(mkdtempSync(join(tmpdir(), 'audit-elections-')), 'checkpoints');
  ledger = open({ checkpoints: { file } });
  for (let n = 0; n < 3; n++) await ledger.audit.event(event);
  await server.set('standInMajorityCommitPoint', 'alwaysOn');
  for (let n = 0; n < 2; n++) await ledger.audit.event(event);
  await ledger.audit.checkpoint('t');
});
afterEach(async () => {
  await ledger.audit.close();
});

const elect = () => server.set('standInStaleMajorityReads', 'alwaysOn');
const codes = () => ledger.errors.map((error) => (error as Error & { code?: string }).code);

describe('right after an election, before the primary shows what was acknowledged', () => {
  it('a majority read shows an earlier state', async () => {
    await elect();
    expect((await new MongoStore(connection).head('t'))?.seq).toBe(3);
    expect((await new MongoStore(connection).head('t', { isConfirmed: true }))?.seq).toBe(5);
  });

  it('verify calls nothing truncated', async () => {
    await elect();
    expect(await ledger.audit.verify({ tenantId: 't' })).toMatchObject({
      verdict: 'intact',
      size: 5,
      anchor: 'signed',
      anchoredSize: 5,
    });
  });

  it.each([
    ['does not know linearizable reads', 303],
    ['has no replica set', 123],
  ])('a server that %s is asked by a write that changes nothing', async (_what, errorCode) => {
    await elect();
    await server.fail(['find'], { errorCode });
    expect((await new MongoStore(connection).head('t', { isConfirmed: true }))?.seq).toBe(5);
  });

  it('nothing is concluded while the primary cannot be sure that it is one', async () => {
    await elect();
    await server.fail(['find'], { errorCode: 10_107, errorLabels: [] }, { skip: 1 });
    const store = new MongoStore(connection);
    await expect(readKnownHead('t', 5, store)).rejects.toMatchObject({ code: 10_107 });
  });

  it('verify calls nothing truncated that a checkpoint states which was given', async () => {
    const checkpoint = JSON.parse((await readFile(file, 'utf8')).trim().split('\n').at(-1)!) as string;
    const other = open();
    await elect();
    expect(await other.audit.verify({ tenantId: 't', checkpoint })).toMatchObject({
      verdict: 'intact',
      size: 5,
      anchor: 'pinned',
    });
    await other.audit.close();
  });

  it('a checkpoint contradicts none before it', async () => {
    await elect();
    expect((await ledger.audit.checkpoint('t')).split('\n')[1]).toBe('5');
    expect(codes()).toEqual([]);
  });

  it('an export has all entries, and proves itself', async () => {
    const stream = await ledger.audit.exportEvidence({ tenantId: 't', actor: 'anonymous', format: 'jsonl' });
    await elect();
    const report = await verifyEvidence(stream, { allowUntrustedKey: true });
    expect(report).toMatchObject({ problems: [] });
    expect(report.entryCount).toBe(6);
  });

  it('no entries are said to be removed', async () => {
    await elect();
    expect((await ledger.audit.event(event)).seq).toBe(6);
    expect(codes()).toEqual([]);
  });

  it('what is really gone is found', async () => {
    const entries = connection.getClient().db(connection.name).collection('audit_entries');
    await entries.deleteMany({ tenantId: 't', seq: { $gt: 3 } });
    const { problems } = await ledger.audit.verify({ tenantId: 't' });
    expect(problems.map(({ kind, seq }) => [kind, seq])).toEqual([['truncated', 4]]);
    await expect(ledger.audit.checkpoint('t')).rejects.toMatchObject({ code: 'CHECKPOINT_CONTRADICTED' });
  });
});
