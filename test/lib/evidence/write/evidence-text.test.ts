import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type Connection, Types } from 'mongoose';
import type { Audit } from '../../../../index';
import { createAudit } from '../../../support/create-audit';
import { connect } from '../../../support/connection';
import { csvRecords } from '../../../support/csv-rows';
import { watchCursors } from '../../../support/cursors';
import { sharedDatabaseUri } from '../../../support/database';
import { until } from '../../../support/deadline';
import {
  exportedIn,
  FORMATS,
  signingLedger,
  SIGNING,
  textOf,
  verified,
  verifierKeyOf,
} from '../../../support/evidence';
import type { ExportReport } from '../../../support/export-process';
import { keepDatabase } from '../../../support/kept-database';
import { storeChain } from '../../../support/ready-chain';
import { reportOf } from '../../../support/report-of';
import { sized } from '../../../support/sized';
import { temporaryFolder } from '../../../support/temporary';
import { CHECKPOINT_CONTRADICTED, ENTRY_ALTERED, TREE_DAMAGED } from '../../../support/unreadable';

const MEGABYTE = 1024 * 1024;

/** What came before the error that a stream ends with. */
async function brokenText(stream: Readable): Promise<{ text: string; error: unknown }> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk as Buffer);
  } catch (error) {
    return { text: Buffer.concat(chunks).toString(), error };
  }
  throw new Error('The stream ended as if it were whole');
}

describe('a long export', () => {
  const SIZE = sized(6_000, 12_000);
  /** Makes an entry so long that all of them together take far more memory than a ledger may. */
  const metadata = { padding: 'x'.repeat(4_000) };
  let connection: Connection;
  /** Another ledger on the same entries. */
  let other: Audit;
  beforeAll(async () => {
    connection = await connect();
    other = createAudit({ connection });
    await storeChain(connection, 'short', 1_000, () => ({ metadata }));
    await storeChain(connection, 'long', SIZE, () => ({ metadata }));
  });

  /** Waits for as long as this database takes to give all entries to who does read them. */
  async function whileOthersRead(): Promise<void> {
    expect(await other.verify({ tenantId: 'long' })).toMatchObject({ verdict: 'intact' });
  }

  it('takes no more memory than a short one', async () => {
    const args = [sharedDatabaseUri(), connection.name, 'short', 'long'];
    const { length, growth } = await reportOf<ExportReport>('test/support/export-process.ts', args);
    expect(length).toBeGreaterThan(20 * MEGABYTE);
    expect(growth).toBeLessThan(10 * MEGABYTE);
  });

  it('asks the database for no more while nobody reads, and goes on from there', async () => {
    const watched = await watchCursors(connection);
    const audit = createAudit({ connection: watched.connection });
    const evidence = await audit.exportEvidence({ tenantId: 'long', includeChainProof: false });
    const before = watched.reads();
    const chunks = evidence[Symbol.asyncIterator]();
    await chunks.next();
    await whileOthersRead();
    expect(watched.reads() - before).toBeLessThanOrEqual(4); // of more than 10 that all entries take
    expect(watched.open()).toBe(1);
    let text = '';
    for await (const chunk of evidence) text += String(chunk);
    expect(text.split('\n').length).toBeGreaterThan(SIZE - 500);
    expect(watched.reads() - before).toBeGreaterThan(10);
    expect(watched.open()).toBe(0);
  });

  it.each<[string, (evidence: Readable) => unknown]>([
    ['destroys it', (evidence) => evidence.destroy()],
    ['destroys it with an error', (evidence) => evidence.destroy(new Error('enough'))],
    [
      'breaks out of a loop',
      async (evidence) => {
        for await (const chunk of evidence) if (chunk) break;
      },
    ],
  ])('lets go of the database when its reader %s', async (_how, leave) => {
    const watched = await watchCursors(connection);
    const audit = createAudit({ connection: watched.connection });
    const evidence = await audit.exportEvidence({ tenantId: 'long', includeChainProof: false });
    evidence.on('error', () => undefined);
    await once(evidence, 'readable');
    await until(() => watched.open() === 1, 'a cursor is open');
    await leave(evidence);
    await until(() => watched.open() === 0, 'no cursor is open');
  });

  it('keeps nothing open before somebody reads', async () => {
    const watched = await watchCursors(connection);
    const audit = createAudit({ connection: watched.connection });
    await audit.exportEvidence({ tenantId: 'long', includeChainProof: false });
    await whileOthersRead();
    expect(watched.open()).toBe(0);
  });

  it('can be written to a file', async () => {
    const path = join(temporaryFolder(), 'evidence.jsonl');
    await writeFile(path, await other.exportEvidence({ tenantId: 'short' }));
    expect(await verified(await readFile(path, 'utf8'))).toMatchObject({ verdict: 'intact' });
  });
});

describe('when entries were tampered with', () => {
  const SIZE = 600;
  let connection: Connection;
  let audit: Audit;
  let restore: () => Promise<void>;
  beforeAll(async () => {
    connection = await connect();
    await storeChain(connection, 't', SIZE, (seq) => ({ actor: `user-${(seq - 1) % 9}` }));
    const first = signingLedger(connection);
    await first.checkpoint('t');
    await first.close();
    restore = await keepDatabase(connection);
  });
  beforeEach(() => {
    audit = signingLedger(connection);
  });
  afterEach(async () => {
    await audit.close();
    await restore();
  });

  const entries = () => connection.db!.collection('audit_entries');
  const change = async (seq: number, members: Record<string, unknown>) => {
    const { modifiedCount } = await entries().updateOne({ tenantId: 't', seq }, { $set: members });
    expect(modifiedCount).toBe(1);
  };

  it.each<[string, Record<string, unknown>]>([
    ['an ObjectId for an actor', { actor: new Types.ObjectId() }],
    ['a member that entries do not have', { extra: 1 }],
    ['a date that is a text', { occurredAt: '2026-01-01T00:00:00.000Z' }],
    ['a hash that is none', { hash: 'x' }],
    ['a hash that adds a record', { hash: `${'0'.repeat(64)}","type":"entry"}\n{"entry":{}` }],
    ['a hash that a spreadsheet would run', { hash: '=1+1' }],
  ])('ends with an error, never as if it were whole, at %s', async (_what, members) => {
    await change(450, members);
    for (const format of FORMATS) {
      const includeChainProof = format !== 'json';
      const evidence = await audit.exportEvidence({ tenantId: 't', format, includeChainProof });
      const { text, error } = await brokenText(evidence);
      expect(error).toEqual(ENTRY_ALTERED);
      expect((error as Error).message).toMatch(/Entry 450 .*Run verify/);
      expect(text).not.toMatch(/"checkpoint|^checkpoint|\]\n$/m);
      expect(text).not.toMatch(/"n":449\b/);
    }
  });

  it('does not state a tree that lacks an entry', async () => {
    await entries().deleteOne({ tenantId: 't', seq: SIZE });
    await expect(audit.exportEvidence({ tenantId: 't' })).rejects.toEqual(CHECKPOINT_CONTRADICTED);
  });

  it.each(FORMATS)('ends with an error when one goes from the tail meanwhile: %s', async (format) => {
    const evidence = await audit.exportEvidence({ tenantId: 't', format, action: 'org.*' });
    await entries().deleteMany({ tenantId: 't', seq: { $in: [560, 580] } });
    const { text, error } = await brokenText(evidence);
    expect(error).toEqual(TREE_DAMAGED);
    expect(text).not.toMatch(/"checkpoint|^checkpoint/m);
  });

  it('ends with an error when its own goes meanwhile', async () => {
    const evidence = await audit.exportEvidence({ tenantId: 't', action: 'none' });
    await entries().deleteOne({ tenantId: 't', action: 'audit.export' });
    expect((await brokenText(evidence)).error).toEqual(ENTRY_ALTERED);
  });

  it.each(FORMATS)('shows one that is missing in the middle: %s', async (format) => {
    await entries().deleteOne({ tenantId: 't', seq: 100 });
    const text = await textOf(await audit.exportEvidence({ tenantId: 't', format }));
    const report = await verified(text, { keys: [verifierKeyOf('t')] });
    expect(report.problems).toMatchObject([{ kind: 'missing', seq: 100 }]);
  });

  it.each(FORMATS)('writes one that was altered as a text, for the verifier to find: %s', async (format) => {
    await change(300, { actor: 'user-x' });
    const text = await textOf(await audit.exportEvidence({ tenantId: 't', format }));
    expect(text).toContain('user-x');
    expect(exportedIn(text, format)).toHaveLength(SIZE + 1);
    const report = await verified(text, { keys: [verifierKeyOf('t')] });
    expect(report).toMatchObject({ verdict: 'broken', problems: [{ kind: 'altered', seq: 300 }] });
  });

  it('shows a new hash of an altered one', async () => {
    await change(300, { hash: 'a'.repeat(64) });
    const text = await textOf(await audit.exportEvidence({ tenantId: 't' }));
    const report = await verified(text, { keys: [verifierKeyOf('t')] });
    expect(report).toMatchObject({
      verdict: 'broken',
      problems: [{ kind: 'altered' }, { kind: 'rewritten' }],
    });
  });

  it('shows hashes of left out entries that were altered in the tree', async () => {
    const evidence = await audit.exportEvidence({ tenantId: 't', actor: 'nobody' });
    const tiles = connection.db!.collection('audit_tiles');
    await tiles.updateMany({}, { $set: { hashes: Buffer.alloc(256 * 32), root: Buffer.alloc(32) } });
    const report = await verified(await textOf(evidence), { keys: [verifierKeyOf('t')] });
    expect(report).toMatchObject({ verdict: 'broken' });
  });
});

describe('a CSV file in a spreadsheet', () => {
  const STARTS = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r'];
  const HOSTILE = STARTS.flatMap((start) => {
    const run = `${start}cmd|' /C calc'!A0`;
    return [run, `a;${run}`, `a\t${run}`, `a\r\n${run}`, `"\n${run}`, `,"${run}`];
  });
  const READABLE = [
    'actor',
    'onBehalfOf',
    'action',
    'resource',
    'ipAddress',
    'userAgent',
    'metadata',
    'before',
    'after',
  ];

  it('runs nothing, and keeps what was said', async () => {
    const audit = createAudit({ connection: await connect(), ...SIGNING });
    const batch = audit.batch();
    for (const text of HOSTILE)
      batch.event({
        tenantId: 't',
        actor: { id: text, onBehalfOf: text },
        action: text,
        resource: text,
        context: { ipAddress: text, userAgent: text },
        metadata: { [text]: text },
        before: text,
        after: [text],
      });
    await batch.commit();
    for (const includeChainProof of [true, false]) {
      const text = await textOf(
        await audit.exportEvidence({ tenantId: 't', format: 'csv', includeChainProof }),
      );
      const rows = csvRecords(text).filter(({ actor = '' }) => actor !== '' && actor !== 'anonymous');
      expect(rows).toHaveLength(HOSTILE.length);
      for (const [i, row] of rows.entries()) {
        for (const [name, cell] of Object.entries(row)) expect([name, cell]).toEqual([name, harmless(cell)]);
        for (const name of READABLE) expect(row[name]).not.toBe('');
        expect(row['actor']?.replaceAll(/'(?=[=+\-@＝＋－＠\t\r])/g, '')).toBe(HOSTILE[i]);
      }
      if (includeChainProof) expect(await verified(text)).toMatchObject({ verdict: 'intact' });
    }
  });

  /** The cell, if no part of it that a spreadsheet might take for a cell begins a formula. */
  function harmless(cell: string): string {
    const formula = cell.split(/[;\t\r\n]/).find((part) => /^[=+\-@＝＋－＠]/.test(part));
    return formula === undefined && !/^[\t\r]/.test(cell) ? cell : `a formula: ${formula ?? cell}`;
  }
});
