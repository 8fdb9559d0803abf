import mongoose, { type Connection } from 'mongoose';
import { createAudit } from '../../../index';
import type { Reading } from '../../../lib/chain/chain-check';
import { AppendConflict } from '../../../lib/store/store';
import { MongoStore } from '../../../models/store/mongo-store';
import { chain } from '../../conformance/given';
import { connect } from '../../support/connection';
import { keepDatabase } from '../../support/kept-database';

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
    expect(error).toBeInstanceOf(Error);
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
