import { isNativeError } from 'node:util/types';
import mongoose, { type Connection } from 'mongoose';
import { createAudit } from '../../support/create-audit';
import type { Reading } from '../../../lib/chain/chain-check';
import { AppendConflict } from '../../../lib/store/store';
import { MongoStore } from '../../../models/store/mongo-store';
import { chain } from '../../conformance/given';
import { eventually } from '../../support/eventually';
import { connect } from '../../support/connection';
import { keepDatabase } from '../../support/kept-database';
import { newKey } from '../../support/signing';

let connection: Connection;
let store: MongoStore;

let restore: () => Promise<void>;

beforeAll(async () => {
  connection = await connect();
  store = new MongoStore(connection);
  await store.prepare();
  restore = await keepDatabase(connection);
});
afterEach(() => restore());

async function portions(tenantId: string): Promise<Reading[][]> {
  const all: Reading[][] = [];
  for await (const portion of store.walk({ tenantId })) all.push([...portion]);
  return all;
}

// What any store does is in test/conformance.
describe('append', () => {
  it('refuses a number that is taken, and keeps what came before it', async () => {
    const entries = chain('t', 4);
    await store.append(entries.slice(2, 3));
    const conflict = store.append(entries.map((entry) => ({ ...entry, id: `other-${entry.id}` })));
    await expect(conflict).rejects.toBeInstanceOf(AppendConflict);
    await expect(conflict).rejects.toMatchObject({ cause: { code: 11_000 } });
    expect((await portions('t')).flat().map(({ documentId }) => documentId)).toEqual([
      ...['t:other-e1', 't:other-e2', 't:e3'],
    ]);
  });

  it('leaves other errors as they are', async () => {
    const [entry] = chain('t', 1);
    const huge = { ...entry!, metadata: { text: 'x'.repeat(17 * 1024 * 1024) } };
    const error: unknown = await store.append([huge]).catch((thrown: unknown) => thrown);
    expect(isNativeError(error)).toBe(true);
    expect(error).not.toBeInstanceOf(AppendConflict);
  });
});

describe('on a connection that is still connecting', () => {
  it('waits for it', async () => {
    const { host, port, name } = connection;
    const uri = `mongodb://${host}:${port}/?directConnection=true`;
    const late = mongoose.createConnection(uri, { dbName: name });
    await store.append(chain('t', 1));
    expect((await new MongoStore(late).head('t'))?.seq).toBe(1);
    await late.close();
  });
});

describe('on a connection of useDb that is still connecting', () => {
  it.each([
    ['Mongoose 9', mongoose],
    ['Mongoose 8', jest.requireActual<typeof mongoose>('mongoose8')],
  ])('waits for it as on an ordinary one, with %s', async (_version, library) => {
    const { host, port, name } = connection;
    await store.append(chain('t', 1));
    const parent = library.createConnection(`mongodb://${host}:${port}/?directConnection=true`);
    const audit = createAudit({ connection: parent.useDb(name) });
    const [listed, report, recorded] = await Promise.all([
      audit.list({ tenantId: 't' }),
      audit.verify({ tenantId: 'u' }),
      audit.event({ tenantId: 'v', action: 'a.b' }),
    ]);
    expect([listed.length, report.size, recorded.seq]).toEqual([1, 0, 1]);
    await audit.close();
    await parent.close();
    await expect(audit.list({ tenantId: 't' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });

  it('fails when that cannot be opened', async () => {
    const parent = mongoose.createConnection('mongodb://127.0.0.1:1', { serverSelectionTimeoutMS: 100 });
    const failed = parent.asPromise().catch(() => undefined);
    const audit = createAudit({ connection: parent.useDb('x') });
    await expect(audit.list({ tenantId: 't' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await failed;
    await parent.close();
  });
});

describe('with a prefix of their names', () => {
  it('keeps all collections under it, beside those of another ledger', async () => {
    const connection = await connect();
    await connection.collection('audit_entries').insertMany([{ user: 'ann' }, { user: 'bob' }]);
    const signingKey = newKey();
    const audit = createAudit({ connection, collections: 'trail', ledger: 'l.example', signingKey });
    await audit.event({ tenantId: 't', action: 'a.b' });
    await audit.checkpoint('t');
    expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 1 });
    await audit.close();
    const names = (await connection.db!.listCollections().toArray()).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('audit_'))).toEqual(['audit_entries']);
    expect(names.filter((name) => name.startsWith('trail_')).sort()).toEqual(
      expect.arrayContaining(['trail_checkpoints', 'trail_entries', 'trail_outbox']),
    );
    expect(await connection.collection('audit_entries').countDocuments()).toBe(2);
  });
});

describe("in another tool's collection", () => {
  const foreign = { code: 'FOREIGN_COLLECTION', message: expect.stringContaining('`collections`') as string };
  const event = { tenantId: 't', action: 'a.b' };

  it('refuses events at once, where that holds documents of its own', async () => {
    const connection = await connect();
    await connection.db!.collection('audit_entries').insertMany([{ user: 'ann' }, { user: 'bob' }]);
    const audit = createAudit({ connection });
    const errors: Error[] = [];
    audit.on('error', (error) => errors.push(error));
    await expect(audit.event(event)).rejects.toMatchObject(foreign);
    await expect(audit.batch().event(event).commit()).rejects.toMatchObject(foreign);
    const session = await connection.startSession();
    await expect(audit.event(event, { session })).rejects.toMatchObject(foreign);
    await session.endSession();
    await eventually(() => expect(errors[0]).toMatchObject(foreign)); // of what no caller waits for: that it has started
    await audit.close();
    expect(await connection.db!.collection('audit_entries').indexes()).toHaveLength(1);
  });

  it('refuses events at once, where that has a unique index of its own', async () => {
    const connection = await connect();
    await connection.db!.collection('audit_entries').createIndexes([{ key: { eventKey: 1 }, unique: true }]);
    const audit = createAudit({ connection });
    audit.on('error', () => undefined);
    const outcomes = await Promise.allSettled(
      [1, 2].map((n) => audit.event({ ...event, tenantId: `t${n}` })),
    );
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused as PromiseRejectedResult[]) expect(reason).toMatchObject(foreign);
    await audit.close();
  });
});

describe('the largest values that options allow, of the kind that grows most as BSON', () => {
  it('fit into a document', async () => {
    const audit = createAudit({ connection: await connect(), limits: { valueBytes: 524_288 } });
    const zeros = new Array<number>(262_143).fill(0);
    const { seq } = await audit.event({
      tenantId: 't',
      action: 'a.b',
      metadata: zeros,
      before: zeros,
      after: zeros,
    });
    const [entry] = await audit.list({ tenantId: 't' });
    expect([seq, JSON.stringify(entry?.after) === JSON.stringify(zeros)]).toEqual([1, true]);
  });
});
