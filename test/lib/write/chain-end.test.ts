import mongoose, { type Connection, createConnection, type mongo } from 'mongoose';
import type { Audit } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import { AlterableStore } from '../../support/alterable-store';
import { ledgerOn, memoryLedger } from '../../support/memory-ledger';
import { until } from '../../support/deadline';

const event = { tenantId: 't', action: 'a.b' };

const open = new Set<Audit>();
afterEach(async () => {
  for (const audit of open) await audit.close({ timeoutMs: 0 }).catch(() => undefined);
  open.clear();
});

/** A ledger that ends with the test, and the codes of what it reported of a tenant. */
function ledger(connection: Connection) {
  const audit = createAudit({ connection, timeoutMs: 600_000 });
  open.add(audit);
  const errors: Error[] = [];
  audit.on('error', (error) => errors.push(error));
  const codes = () => errors.map((error) => (error as Error & { code?: string }).code);
  return { audit, errors, codes };
}

/** The database of a connection, as another program has it. */
async function elsewhere({ name }: Connection): Promise<mongo.Db> {
  const other = await createConnection(sharedDatabaseUri(), { dbName: name }).asPromise();
  opened.push(other);
  return other.db!;
}
const opened: Connection[] = [];
afterAll(async () => {
  for (const connection of opened) await connection.close();
});

/**
 * Resolves once so many ledgers have recorded their start. An insert under way while its chain is removed may leave an
 * entry that nothing stands in front of, which blocks the chain for others.
 */
async function started(count: number, { db }: Connection): Promise<void> {
  const starts = db!.collection('audit_entries').find({ action: 'ledger.started' });
  await until(async () => (await starts.clone().toArray()).length === count, 'each start is recorded');
}

async function isProtected({ db }: Connection): Promise<boolean> {
  const indexes = await db!.collection('audit_entries').listIndexes().toArray();
  return indexes.some(({ key, unique }) => unique && JSON.stringify(key) === '{"tenantId":1,"seq":1}');
}

/** Ways to take the collection, its index or its entries from under a running ledger. */
const REMOVALS: [string, (db: mongo.Db) => Promise<unknown>][] = [
  ['the database is dropped', (db) => db.dropDatabase()],
  ['the collection is dropped', (db) => db.collection('audit_entries').drop()],
  ['its entries are deleted', (db) => db.collection('audit_entries').deleteMany({})],
  ['the collection is renamed', (db) => db.collection('audit_entries').rename('kept')],
];

describe.each(REMOVALS)('when %s under running ledgers', (_what, remove) => {
  it('tells of it, begins anew with the index, and forks no chain', async () => {
    const connection = await connect();
    const ledgers = [ledger(connection), ledger(connection)];
    for (const { audit } of ledgers) await audit.event(event);
    await started(ledgers.length, connection);
    await remove(await elsewhere(connection));

    const receipts = await Promise.all(
      ledgers.flatMap(({ audit }) => [1, 2, 3].map(() => audit.event(event))),
    );

    expect(receipts.map(({ seq }) => seq).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await isProtected(connection)).toBe(true);
    const { audit } = ledgers[0]!;
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 6 });
    expect(ledgers.flatMap(({ codes }) => codes())).toContain('ENTRIES_REMOVED');
    await until(async () => {
      const own = await audit.list({ tenantId: 'system', action: 'ledger.failure' });
      return own.some(
        ({ metadata }) => (metadata as { tenantId?: string; code?: string }).code === 'ENTRIES_REMOVED',
      );
    }, 'it is recorded, too');
  });
});

describe('when the indexes are dropped under running ledgers', () => {
  it('makes them again before it writes, and tells of it', async () => {
    const connection = await connect();
    const ledgers = [ledger(connection), ledger(connection)];
    for (const { audit } of ledgers) await audit.event(event);
    await started(ledgers.length, connection);
    await (await elsewhere(connection)).collection('audit_entries').dropIndexes();
    await Promise.all(ledgers.flatMap(({ audit }) => [1, 2, 3].map(() => audit.event(event))));
    expect(await isProtected(connection)).toBe(true);
    expect(await ledgers[0]!.audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 8 });
    expect(ledgers.flatMap(({ codes }) => codes())).toContain('INDEX_REMOVED');
  });
});

describe('when the newest entries were removed', () => {
  it('tells of it once, and goes on behind what is there', async () => {
    const store = new AlterableStore();
    const { audit, errors } = ledgerOn(store);
    for (const id of ['1', '2', '3']) await audit.event({ ...event, id });
    for (const id of ['2', '3']) store.remove(`t:${id}`);
    await expect(audit.event(event)).resolves.toMatchObject({ seq: 2 });
    await expect(audit.event(event)).resolves.toMatchObject({ seq: 3 });
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/"t", which had entry 3, ends with entry 1 now: .*entries_removed/),
    ]);
  });

  it('tells, too, when others took their place', async () => {
    const [store, others] = [new AlterableStore(), new AlterableStore()];
    const { audit, errors } = ledgerOn(store);
    for (const each of [audit, ledgerOn(others).audit]) await each.event(event);
    const [planted] = others.documents('t');
    store.remove(store.documents('t')[0]!['_id']);
    store.plant(planted!);
    await expect(audit.event(event)).resolves.toMatchObject({ seq: 2 });
    expect(errors).toMatchObject([{ code: 'ENTRIES_REMOVED' }]);
  });

  it('says nothing when others have only added to the chain', async () => {
    const { audit, store, errors } = memoryLedger();
    const other = memoryLedger({}, store).audit;
    for (const each of [audit, other, audit, other]) await each.event(event);
    expect(errors).toEqual([]);
  });
});

describe('when the application opens another database on the connection', () => {
  it('begins a chain there, with its index, and takes it for no loss', async () => {
    const [first, second] = [await connect(), await connect()];
    const connection = mongoose.createConnection(sharedDatabaseUri(), { dbName: first.name });
    const { audit, errors } = ledger(connection);
    for (let n = 0; n < 3; n++) await audit.event(event);
    await connection.close();
    await connection.openUri(sharedDatabaseUri(), { dbName: second.name });
    await expect(audit.event(event)).resolves.toMatchObject({ seq: 1 });
    expect(await isProtected(second)).toBe(true);
    expect(errors).toEqual([]);
    await connection.close();
    await connection.openUri(sharedDatabaseUri(), { dbName: first.name });
    await expect(audit.event(event)).resolves.toMatchObject({ seq: 4 });
    await connection.close();
  });
});

describe('when the collection goes between the look at it and the insert', () => {
  it('has the index again before the first event is answered', async () => {
    const connection = await connect();
    const { audit, codes } = ledger(connection);
    await audit.event({ ...event, tenantId: 'u' });
    const entries = connection.db!.collection('audit_entries');
    const stored = audit.event(event);
    await entries.drop();
    await stored;
    await audit.event(event);
    expect(await isProtected(connection)).toBe(true);
    expect(codes().filter((code) => code !== 'ENTRIES_REMOVED' && code !== 'INDEX_REMOVED')).toEqual([]);
  });
});
