import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BSON } from 'bson';
import type { AuditError } from '../../../index';
import type { Draft, Entry } from '../../../lib/chain/entry';
import { entryHash } from '../../../lib/chain/entry';
import { GENESIS, type Head, link } from '../../../lib/chain/link';
import { sha256 } from '../../../lib/crypto/node';
import type { LedgerOptions } from '../../../lib/options';
import { toDocument } from '../../../models/store/write-document';
import { AlterableStore } from '../../support/alterable-store';
import { until } from '../../support/deadline';
import { eventually } from '../../support/eventually';
import { ledgerOn } from '../../support/memory-ledger';
import { LEDGER, newKey, noteBy } from '../../support/signing';
import { temporaryFolder } from '../../support/temporary';

const event = { tenantId: 't', action: 'a.b' };
const reason = 'an intruder, ticket 42';

const draft = (id: string): Draft => ({
  v: 1,
  tenantId: 't',
  id,
  occurredAt: '2026-01-01T00:00:00.000Z',
  actor: 'mallory',
  action: 'a.b',
  outcome: 'success',
});

/** An entry of the right form, wherever it says that it stands. */
function forged(head: Head, change: Partial<Entry> = {}, id = 'forged'): Entry {
  const { hash: _, ...linked } = link(draft(id), head, new Date().toISOString(), sha256);
  const entry = { ...linked, ...change };
  return { ...entry, hash: entryHash(entry, sha256) };
}

const fiction = (seq: number): Head => ({ seq, hash: 'ab'.repeat(32), recordedAt: '' });

/** What an intruder puts at the end of a chain of three entries. */
const INTRUSIONS: [string, (end: Head) => BSON.Document[]][] = [
  ['the last of all numbers', () => [toDocument(forged(fiction(2 ** 53 - 2)))]],
  ['a number that leaves no room, with one before it', () => pair(2 ** 53 - 3)],
  ['a number far ahead, and a link to nothing', () => [toDocument(forged(fiction(999)))]],
  ['two entries far ahead that are linked', () => pair(999)],
  ['the next number, and a link to nothing', (end) => [toDocument(forged(fiction(end.seq)))]],
  [
    'an instant in the year 9999',
    (end) => [toDocument(forged(end, { recordedAt: '9999-01-01T00:00:00.000Z' }))],
  ],
  ['an _id of another tenant', (end) => [{ ...toDocument(forged(end)), _id: 'u:forged' }]],
  ['a text as its number', (end) => [{ ...toDocument(forged(end)), seq: 'z' }]],
  ['the hash of another content', (end) => [{ ...toDocument(forged(end)), actor: 'eve' }]],
];

function pair(seq: number): BSON.Document[] {
  const first = forged(fiction(seq), {}, 'first');
  return [toDocument(first), toDocument(forged(first, {}, 'second'))];
}

function ledger(options: LedgerOptions = {}) {
  const store = new AlterableStore();
  const made = ledgerOn(store, { ledger: LEDGER, signingKey: newKey(), ...options });
  return { store, ...made };
}

async function chainOf(count: number, options?: LedgerOptions) {
  const made = ledger(options);
  made.audit.event({ tenantId: 'u', action: 'a.b' }).catch(() => undefined);
  for (let n = 0; n < count; n++) await made.audit.event(event);
  const [end] = await made.audit.list({ tenantId: 't', limit: 1 });
  return { ...made, end: end ?? GENESIS };
}

/** A checkpoint of another tree, which nobody has signed. */
const unsigned = (size: number) => ({
  note: noteBy(null, 't', size, new Uint8Array(32)),
  keys: [],
  frontier: [],
});

const codes = (errors: Error[]) => errors.map((error) => (error as AuditError).code);

describe.each(INTRUSIONS)('when an intruder puts at the end of a chain %s', (_what, intrude) => {
  it('tells so at once, keeps the events of that tenant alone waiting, and goes on once it is gone', async () => {
    const { audit, store, errors, end } = await chainOf(3);
    const planted = intrude(end);
    for (const document of planted) store.plant(document);
    const waiting = audit.event(event);
    await until(() => errors.length > 0);
    expect(codes(errors)).toEqual([expect.stringMatching(/^(CHAIN_BLOCKED|HEAD_ALTERED)$/)]);
    expect(errors[0]?.message).toMatch(/"t".*Its events wait/);
    expect(await audit.event({ ...event, tenantId: 'u' })).toMatchObject({ seq: 2 });
    for (const { _id } of planted) store.remove(_id);
    expect(await waiting).toMatchObject({ seq: 4 });
    expect(errors).toHaveLength(1);
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 4 });
  });

  it('is opened again by one call, which leaves a signed record in both chains', async () => {
    const { audit, store, errors, end } = await chainOf(3);
    await audit.checkpoint('t');
    const planted = intrude(end);
    for (const document of planted) store.plant(document);
    const waiting = audit.event(event);
    await until(() => errors.length > 0);
    const record = await audit.reopen({ tenantId: 't', reason, actor: 'ann' });
    expect(record).toMatchObject({
      reason,
      to: { size: 3, hash: end.hash },
      setAside: { documents: planted.length },
      void: [],
    });
    await waiting;
    const report = await audit.verify({ tenantId: 't' });
    expect(report).toMatchObject({ verdict: 'intact', anchor: 'signed', size: 5 });
    expect(report.notices).toMatchObject([
      {
        kind: 'reopened',
        message: expect.stringMatching(/behind entry 3 at .* by "ann": "an intruder, ticket 42"/),
      },
    ]);
    for (const tenantId of ['t', 'system']) {
      const entries = await audit.list({ tenantId, action: 'ledger.reopened' });
      expect([...entries]).toMatchObject([
        { actor: 'ann', metadata: { tenantId: 't', reason, note: expect.any(String) } },
      ]);
    }
    expect(await audit.reopen({ tenantId: 't', reason })).toBeNull();
  });
});

describe('a chain that was restored from a backup', () => {
  /** A chain with checkpoints at 3 and 6, which goes back to four entries. */
  async function restored(options?: LedgerOptions) {
    const made = await chainOf(3, options);
    const kept = [await made.audit.checkpoint('t')];
    await made.audit.event(event);
    const backup = new Set(made.store.documents('t').map(({ _id }) => _id as unknown));
    for (let n = 0; n < 2; n++) await made.audit.event(event);
    kept.push(await made.audit.checkpoint('t'));
    for (const { _id } of made.store.documents('t')) if (!backup.has(_id)) made.store.remove(_id);
    return { ...made, kept };
  }

  it('is no chain to its checkpoints until that is recorded, and verifies afterwards', async () => {
    const { audit, kept } = await restored();
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'broken' });
    await expect(audit.checkpoint('t')).rejects.toMatchObject({ code: 'CHECKPOINT_CONTRADICTED' });
    const record = await audit.reopen({
      tenantId: 't',
      reason: 'restored the backup of Monday',
      actor: 'ann',
    });
    expect(record).toMatchObject({ from: { size: 6 }, to: { size: 4 }, setAside: { documents: 0 } });
    expect(record?.void.map(({ size }) => size)).toContain(6);
    for (let n = 0; n < 4; n++) await audit.event(event); // beyond the size of the void one
    await audit.checkpoint('t');
    const report = await audit.verify({ tenantId: 't' });
    expect(report).toMatchObject({ verdict: 'intact', anchor: 'signed', size: 9, anchoredSize: 9 });
    expect(report.notices.map(({ message }) => message)).toEqual([
      expect.stringMatching(/end before was 6; 0 documents were set aside, \d checkpoints? (is|are) void/),
    ]);
    // Who has kept the older checkpoint sees it all the same.
    const [good, lost] = kept;
    expect(await audit.verify({ tenantId: 't', checkpoint: good })).toMatchObject({ verdict: 'intact' });
    const pinned = await audit.verify({ tenantId: 't', checkpoint: lost });
    expect(pinned).toMatchObject({ verdict: 'broken', problems: [{ kind: 'rewritten', seq: 6 }] });
    expect(pinned.notices).toHaveLength(1);
  });

  it('is recorded in the file of checkpoints, which the record in the database does not overrule', async () => {
    const file = join(temporaryFolder(), 'checkpoints');
    const signingKey = newKey();
    const { audit, store } = await restored({ checkpoints: { file }, signingKey });
    // On another machine, without the file.
    const other = ledgerOn(store, { ledger: LEDGER, signingKey });
    expect(await other.audit.reopen({ tenantId: 't', reason })).not.toBeNull();
    expect(await other.audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact' });
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'broken' });
    expect(await audit.reopen({ tenantId: 't', reason })).not.toBeNull();
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', anchor: 'signed' });
    expect(await readFile(file, 'utf8')).toMatch(/\\nreopened\\n/);
  });

  it('is not hidden by a record that the key has not signed', async () => {
    const { audit, store } = await restored();
    const unsigned = ledgerOn(store, { ledger: LEDGER });
    await expect(unsigned.audit.reopen({ tenantId: 't', reason })).rejects.toMatchObject({
      code: 'SIGNING_KEY_REQUIRED',
    });
    const intruder = ledgerOn(store, { ledger: LEDGER, signingKey: newKey() });
    await intruder.audit.reopen({ tenantId: 't', reason: 'nothing to see' });
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'broken' });
  });
});

describe('reopen', () => {
  it('refuses what says nothing, and a chain that is damaged in the middle unless its size is given', async () => {
    const { audit, store } = await chainOf(5);
    for (const options of [
      { tenantId: 't' },
      { tenantId: '', reason },
      { tenantId: 't', reason, size: -1 },
      { tenantId: 't', reason: ' ' },
    ])
      await expect(audit.reopen(options as never)).rejects.toMatchObject({ code: 'INVALID_QUERY' });
    store.alter('t', 3, { actor: 'eve' });
    await expect(audit.reopen({ tenantId: 't', reason })).rejects.toMatchObject({ code: 'ENTRY_ALTERED' });
    expect(await audit.reopen({ tenantId: 't', reason, size: 2 })).toMatchObject({
      to: { size: 2 },
      setAside: { documents: 3 },
    });
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 3 });
  });

  it('opens the chain of the ledger itself first', async () => {
    const { audit, store } = await chainOf(1);
    await eventually(async () => expect(await audit.list({ tenantId: 'u' })).toHaveLength(1));
    const planted = { ...forged(fiction(999)), tenantId: 'system' };
    const entry = { ...planted, hash: entryHash(planted, sha256) };
    store.plant(toDocument(entry));
    store.plant(toDocument(forged(fiction(999))));
    await expect(audit.reopen({ tenantId: 't', reason })).rejects.toMatchObject({ code: 'CHAIN_BLOCKED' });
    expect(await audit.reopen({ tenantId: 'system', reason })).toMatchObject({ setAside: { documents: 1 } });
    expect(await audit.reopen({ tenantId: 't', reason })).toMatchObject({ to: { size: 1 } });
    expect(await audit.verify({ tenantId: 'system' })).toMatchObject({ verdict: 'intact' });
  });

  it('opens a chain of which nothing belongs to it at its beginning', async () => {
    const { audit, store } = await chainOf(0);
    store.plant(toDocument(forged(fiction(4))));
    expect(await audit.reopen({ tenantId: 't', reason })).toMatchObject({
      from: { size: 5 },
      to: { size: 0 },
      setAside: { documents: 1 },
    });
    expect(await audit.event(event)).toMatchObject({ seq: 2 });
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact' });
  });

  it('keeps no damaged entry as the last one', async () => {
    const { audit, store } = await chainOf(3);
    store.alter('t', 2, { actor: 5 });
    await expect(audit.reopen({ tenantId: 't', reason, size: 2 })).rejects.toMatchObject({
      code: 'ENTRY_ALTERED',
      message: expect.stringMatching(/give a smaller `size`/) as string,
    });
    expect(await audit.reopen({ tenantId: 't', reason, size: 1 })).toMatchObject({ to: { size: 1 } });
  });

  it('makes no more statements void than a record can name', async () => {
    const { audit, store } = await chainOf(1);
    for (let size = 2; size < 1_003; size++) await store.addCheckpoint('t', size, unsigned(size));
    await expect(audit.reopen({ tenantId: 't', reason })).rejects.toMatchObject({
      code: 'CHECKPOINT_CONTRADICTED',
      message: expect.stringMatching(/1001 checkpoints .* more than 1000/) as string,
    });
  });

  it('needs no key where no statement was signed', async () => {
    const { audit, store } = await chainOf(3, { signingKey: undefined });
    await store.addCheckpoint('t', 9, unsigned(9));
    expect(await audit.reopen({ tenantId: 't', reason })).toMatchObject({
      to: { size: 3 },
      void: [{ size: 9 }],
    });
    const report = await audit.verify({ tenantId: 't' });
    expect(report).toMatchObject({ verdict: 'intact', notices: [{ kind: 'reopened' }] });
    expect(report.notices[0]!.message).toContain('which nobody signed');
  });
});
