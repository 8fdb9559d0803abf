import { chmodSync, chownSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditError, createAudit, type Entry, verifyEvidence } from '../../../index';
import { ledgerOf } from '../../../lib/audit';
import { link as linkEntry } from '../../../lib/chain/link';
import { serializeDraft } from '../../../lib/event/draft-json';
import { createDrafter } from '../../../lib/event/drafter';
import { newId } from '../../../lib/event/id';
import { sha256 } from '../../../lib/crypto/node';
import { toDocument } from '../../../models/store/write-document';
import { AlterableStore } from '../../support/alterable-store';
import { until } from '../../support/deadline';
import { leaveFolder } from '../../support/left-folder';
import { ledgerOn, memoryLedger } from '../../support/memory-ledger';
import { LEDGER, newKey } from '../../support/signing';
import { temporaryFolder } from '../../support/temporary';
import { TransactionLedger } from '../../support/transaction-ledger';
import { eventLine } from '../../../lib/write/spool/spool-line';

const record = createDrafter({ sha256, now: () => Date.UTC(2026, 0, 1), valueBytes: 65_536 });
const event = { tenantId: 't', action: 'a.b' };

/** The text of a draft as a ledger writes it, with other members. */
function draftText(members: object): string {
  const { draft, occurredAtGiven } = record(event, {}, 'application');
  return serializeDraft({ draft: { ...draft, ...members }, occurredAtGiven, bytes: 0 });
}

const item = (text: string) => ({ _id: newId(), at: new Date(0), event: text });
const STATEMENT = {
  tenantId: 'system',
  action: 'ledger.checkpoint',
  resource: 't',
  metadata: { tenantId: 't', size: 1000, root: 'ab'.repeat(32) },
};

describe('an item of the outbox', () => {
  let till: TransactionLedger;
  beforeEach(async () => {
    till = await TransactionLedger.open();
  });
  afterEach(() => till.audit.close());

  it.each([
    ['a statement of the ledger', draftText(STATEMENT)],
    ['an entry of the tenant system', draftText({ tenantId: 'system' })],
    ['an action of the ledger in another chain', draftText({ action: 'ledger.reopened' })],
    ['an API key that it came by', draftText({ via: 'key-1' })],
    ['an id that no event has', draftText({ id: 'x'.repeat(129) })],
    ['more than any event', draftText({ metadata: 'x'.repeat(3_000_000) })],
    ['many times as much as BSON', draftText({ metadata: new Array(800_000).fill(0) })],
  ])('that is %s is set aside and told of once, and the others are linked', async (_what, text) => {
    await till.outbox.insertMany([item(text), item(draftText({ id: 'honest' }))] as never[]);
    await till.linked(1);
    await until(() => till.errors.length > 0);
    expect(till.errors).toMatchObject([
      { code: 'UNREADABLE', message: expect.stringMatching(/of the outbox.*stays there/) },
    ]);
    expect(await till.entries('t')).toMatchObject([{ id: 'honest' }]);
    const own = await till.audit.list({ tenantId: 'system' });
    expect(own.filter(({ action }) => action === 'ledger.checkpoint')).toEqual([]);
    await until(async () =>
      (await till.audit.list({ tenantId: 'system', action: 'ledger.failure' })).some(
        ({ metadata }) => (metadata as { code: string }).code === 'UNREADABLE',
      ),
    );
    // Another process neither reads it again nor tells of it.
    expect(await till.outbox.countDocuments({ holder: { $exists: false } })).toBe(0);
  });

  it('that is large as text and larger as BSON is cut like any event', async () => {
    const text = draftText({ id: 'large', metadata: { a: 'x'.repeat(1_600_000) }, actor: 'x'.repeat(1000) });
    await till.outbox.insertMany([item(text), item(draftText({ id: 'honest' }))] as never[]);
    const entries = await till.linked(2);
    const large = entries.find(({ id }) => id === 'large') as Entry;
    expect(large).toMatchObject({
      metadata: { truncated: true, bytes: 1_600_008 },
      actor: expect.stringMatching(/^x+…/),
    });
    expect(till.errors).toEqual([]);
    expect(await till.audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact' });
  });
});

describe('a statement of a tree in the chain of the ledger', () => {
  it('that nobody signed breaks no chain, and keeps nothing from being signed', async () => {
    const store = new AlterableStore();
    const { audit } = ledgerOn(store, { ledger: LEDGER, signingKey: newKey() });
    await audit.event(event);
    await audit.checkpoint('t');
    // As who may insert could add it: well linked.
    const intruder = ledgerOn(store, {});
    const [last] = await audit.list({ tenantId: 'system', limit: 1 });
    const { metadata, ...statement } = last as Entry;
    const { hash: _, seq: __, prevHash: ___, recordedAt, ...draft } = statement;
    const forged = { ...draft, id: 'forged', metadata: STATEMENT.metadata };
    store.plant(toDocument(linkEntry(forged, last as Entry, recordedAt, sha256)));
    await intruder.audit.event(event);
    const report = await audit.verify({ tenantId: 't' });
    expect(report).toMatchObject({ verdict: 'intact', notices: [{ kind: 'unproven' }] });
    await audit.event(event);
    await expect(audit.checkpoint('t')).resolves.toContain('\n3\n');
    expect(metadata).toMatchObject({ note: expect.any(String) });
  });

  it('is neither redacted nor cut by any option', async () => {
    const redact = {
      names: ['ledger', 'filter', 'root', 'size', 'note'],
      values: [/[0-9a-f]{64}/, /20\d\d-/, /^\d+$/],
    };
    const options = { ledger: LEDGER, signingKey: newKey(), redact, limits: { valueBytes: 1 } };
    const { audit, store } = memoryLedger(options);
    await audit.event({ ...event, metadata: { filter: 'ab'.repeat(32) } });
    const evidence = await audit.exportEvidence({ tenantId: 't', format: 'jsonl' });
    const lines: string[] = [];
    for await (const chunk of evidence) lines.push(String(chunk));
    expect(await verifyEvidence(lines as never)).toMatchObject({ verdict: 'intact', statedBySigner: true });
    const [stated] = store.entries().filter(({ action }) => action === 'ledger.checkpoint');
    expect(stated?.metadata).toMatchObject({ size: 2, root: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const [first] = await audit.list({ tenantId: 't', order: 'asc' });
    expect(JSON.stringify(first?.metadata)).not.toContain('abab'); // a user's value is; a hash may hold that
  });
});

describe('an id that somebody else has taken', () => {
  it('leaves an entry of its own, which says what was tried, and the caller its error', async () => {
    const { audit } = memoryLedger();
    await audit.event({ ...event, id: 'refund-42', actor: 'mallory' });
    const tried = audit.event({
      ...event,
      action: 'order.refund',
      id: 'refund-42',
      actor: 'admin',
      metadata: { n: 1 },
    });
    await expect(tried).rejects.toMatchObject({ code: 'ID_CONFLICT' });
    await until(async () => (await audit.list({ tenantId: 't' })).length === 2);
    const [conflict] = await audit.list({ tenantId: 't' });
    expect(conflict).toMatchObject({
      action: 'ledger.id_conflict',
      actor: 'admin',
      outcome: 'failure',
      metadata: { id: 'refund-42', action: 'order.refund', metadata: { n: 1 } },
    });
  });

  it('makes no flood of entries', async () => {
    const { audit } = memoryLedger();
    await audit.event({ ...event, id: 'taken' });
    const tries = Array.from({ length: 100 }, (_, n) =>
      audit
        .event({ ...event, id: 'taken', metadata: { n } })
        .catch((error: unknown) => (error as AuditError).code),
    );
    expect(new Set(await Promise.all(tries))).toEqual(new Set(['ID_CONFLICT']));
    await audit.flush();
    const conflicts = await audit.list({ tenantId: 't', action: 'ledger.id_conflict' });
    expect(conflicts).toHaveLength(11);
    expect(conflicts[0]).toMatchObject({ metadata: { count: 90 } });
  });

  it('is told by verify where a document of another tenant has it', async () => {
    const store = new AlterableStore();
    const { audit } = ledgerOn(store);
    await audit.event(event);
    const other = ledgerOn(new AlterableStore());
    await other.audit.event({ tenantId: 'u', action: 'a.b', id: 'refund-42' });
    const entry = (await other.audit.list({ tenantId: 'u' }))[0] as Entry;
    store.plant({ ...toDocument(entry), _id: 't:refund-42' });
    await expect(audit.event({ ...event, id: 'refund-42' })).rejects.toMatchObject({ code: 'ID_CONFLICT' });
    const { problems } = await audit.verify({ tenantId: 't' });
    expect(problems).toMatchObject([
      { kind: 'foreign', seq: null, message: expect.stringContaining('t:refund-42') },
    ]);
  });
});

describe('the folder of a spool', () => {
  const quiet = { warn: () => undefined, error: () => undefined };

  it('has no authority: a statement in it is recorded as one that lay there', async () => {
    const directory = temporaryFolder();
    leaveFolder(directory, [eventLine(draftText(STATEMENT)) + eventLine(draftText({ id: 'left' }))]);
    const { audit, store } = memoryLedger({ spool: { directory } });
    ledgerOf(audit).start();
    await until(() => store.entries().some(({ id }) => id === 'left'));
    await until(() => store.entries().some(({ action }) => action === 'ledger.recovered'));
    expect(store.entries().filter(({ action }) => action === 'ledger.checkpoint')).toEqual([]);
    const [recovered] = store.entries().filter(({ action }) => action === 'ledger.recovered');
    expect(recovered).toMatchObject({
      tenantId: 'system',
      metadata: { source: 'spool', action: 'ledger.checkpoint' },
    });
    await audit.close();
  });

  it('is refused when it is a link, no folder, or another user’s', () => {
    const directory = temporaryFolder();
    const link = join(directory, 'link');
    mkdirSync(join(directory, 'real'));
    symlinkSync(join(directory, 'real'), link);
    const file = join(directory, 'file');
    writeFileSync(file, '');
    const refused = [link, file];
    if (process.getuid?.() === 0) {
      const foreign = join(directory, 'foreign');
      mkdirSync(foreign);
      chownSync(foreign, 65_534, 65_534);
      refused.push(foreign);
    }
    for (const path of refused)
      expect(() => createAudit({ spool: { directory: path }, logger: quiet })).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining(path) }),
      );
  });

  it('gives nothing of a folder that others can write to, and of no link, and tells so once', async () => {
    const directory = temporaryFolder();
    chmodSync(leaveFolder(directory, [eventLine(draftText({ id: 'open' }))]), 0o777);
    const linked = leaveFolder(directory, []);
    const elsewhere = join(temporaryFolder(), 'lines');
    writeFileSync(elsewhere, eventLine(draftText({ id: 'linked' })));
    symlinkSync(elsewhere, join(linked, '0000000000000001.jsonl'));
    leaveFolder(directory, [eventLine(draftText({ id: 'good' }))]);
    const { audit, store, errors } = memoryLedger({ spool: { directory } });
    ledgerOf(audit).start();
    await until(() => store.entries().some(({ id }) => id === 'good'));
    expect(store.entries().filter(({ id }) => id === 'open' || id === 'linked')).toEqual([]);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('are not recorded'),
      expect.stringContaining('are not recorded'),
    ]);
    expect(readdirSync(directory).length).toBeGreaterThan(1);
    await audit.close();
  });
});
