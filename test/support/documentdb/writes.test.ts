import { type Connection, createConnection, mongo } from 'mongoose';
import { connect } from '../connection';
import { sharedDatabaseUri } from '../database';

let connection: Connection;
let things: mongo.Collection;
let entries: mongo.Collection;

beforeAll(async () => {
  connection = await connect();
});
beforeEach(async () => {
  const suffix = Math.random().toString(36).slice(2);
  things = connection.db!.collection(`things_${suffix}`);
  entries = connection.db!.collection(`entries_${suffix}`);
  await entries.createIndex({ tenantId: 1, seq: 1 }, { unique: true }, {});
});

const id = (value: unknown): mongo.ObjectId => value as mongo.ObjectId;
async function failure(act: Promise<unknown>): Promise<mongo.MongoServerError> {
  const error: unknown = await act.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof mongo.MongoServerError)) throw error;
  return error;
}

async function bulkFailure(act: Promise<unknown>): Promise<mongo.MongoBulkWriteError> {
  const error: unknown = await failure(act);
  if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
  return error;
}

describe('documents', () => {
  it('are inserted, found, updated, replaced and deleted', async () => {
    await things.insertMany([{ _id: id(1), n: 1 }, { _id: id(2), n: 2 }]); // prettier-ignore
    expect((await things.updateMany({}, { $inc: { n: 10 } })).modifiedCount).toBe(2);
    expect((await things.replaceOne({ _id: id(1) }, { n: 'new' })).modifiedCount).toBe(1);
    expect((await things.deleteOne({ _id: id(2) })).deletedCount).toBe(1);
    expect(await things.find().toArray()).toEqual([{ _id: 1, n: 'new' }]);
  });

  it('keep the BSON type of every value', async () => {
    const { Int32, Double, Long, Decimal128, BSONSymbol, Timestamp, MinKey, Code, Binary, UUID, BSONRegExp } =
      mongo.BSON;
    const document = {
      _id: id(1),
      int: new Int32(1),
      long: Long.fromNumber(1),
      double: new Double(1),
      decimal: Decimal128.fromString('1.00'),
      symbol: new BSONSymbol('s'),
      date: new Date(1),
      objectId: new mongo.ObjectId(),
      pattern: new BSONRegExp('a', 'i'),
      timestamp: new Timestamp({ t: 1, i: 2 }),
      min: new MinKey(),
      code: new Code('x'),
      binary: new Binary(Buffer.from('x'), 128),
      uuid: new UUID(),
      nothing: null,
      nested: { '2': new Int32(2), '1': [new Double(3), Long.fromNumber(4)] },
    };
    await things.insertOne(document);
    const raw = await things.findOne({}, { raw: true });
    expect(raw as unknown as Buffer).toEqual(Buffer.from(mongo.BSON.serialize(document)));
  });

  it('take a changed type from an update', async () => {
    await things.insertOne({ _id: id(1), n: new mongo.Int32(1) });
    await things.updateOne({ _id: id(1) }, { $set: { n: new mongo.Double(1) } });
    const changed = await things.findOne({}, { promoteValues: false });
    expect(changed?.['n']).toBeInstanceOf(mongo.Double);
  });

  it('may be as large as MongoDB takes them, three in one message', async () => {
    const text = 'x'.repeat(15.9 * 1024 * 1024 - 100_000);
    const documents = [1, 2, 3].map((n) => ({ _id: id(n), tenantId: 'large', seq: n, text }));
    expect((await things.insertMany(documents)).insertedCount).toBe(3);
    expect((await things.findOne({ _id: id(3) }))?.['text'] === text).toBe(true);
  });

  it('may be as many in one command as MongoDB takes', async () => {
    const documents = Array.from({ length: 30_000 }, (_, n) => ({ n }));
    expect((await things.insertMany(documents)).insertedCount).toBe(30_000);
  });

  it('may be written without an answer', async () => {
    const result = await things.insertOne({ _id: id(1) }, { writeConcern: { w: 0 } });
    expect(result.acknowledged).toBe(false);
    await things.insertOne({ _id: id(2) });
    expect(await things.countDocuments({ _id: id(2) })).toBe(1);
  });
});

describe('when a unique index refuses a document', () => {
  beforeEach(async () => {
    await entries.insertOne({ _id: id('first'), tenantId: 'x', seq: 1 });
  });

  it('stops an ordered insertMany there and says why in the words of mongod', async () => {
    const bulk = await bulkFailure(
      entries.insertMany([
        { _id: id('a'), tenantId: 'x', seq: 2 },
        { _id: id('b'), tenantId: 'x', seq: 1 },
        { _id: id('c'), tenantId: 'x', seq: 3 },
      ]),
    );
    expect(bulk.code).toBe(11000);
    expect(bulk.insertedCount).toBe(1);
    const [writeError] = bulk.writeErrors as mongo.WriteError[];
    const { index, err } = writeError!;
    const namespace = `${connection.name}.${entries.collectionName}`;
    expect(index).toBe(1);
    expect(err).toMatchObject({
      errmsg: `E11000 duplicate key error collection: ${namespace} index: tenantId_1_seq_1 dup key: { tenantId: "x", seq: 1 }`,
    });
    expect(await entries.distinct('_id')).toEqual(['a', 'first']);
  });

  it('goes on with an unordered insertMany', async () => {
    const documents = [
      { _id: id('b'), tenantId: 'x', seq: 1 },
      { _id: id('c'), tenantId: 'x', seq: 3 },
      { _id: id('first'), tenantId: 'x', seq: 4 },
    ];
    const error = await bulkFailure(entries.insertMany(documents, { ordered: false }));
    expect(error.insertedCount).toBe(1);
    expect((error.writeErrors as mongo.WriteError[]).map(({ index, code }) => [index, code])).toEqual([
      [0, 11000],
      [2, 11000],
    ]);
  });

  it('gives keyPattern and keyValue of an insert', async () => {
    const error = await failure(entries.insertOne({ tenantId: 'x', seq: 1 }));
    expect(error).toMatchObject({
      code: 11000,
      keyPattern: { tenantId: 1, seq: 1 },
      keyValue: { tenantId: 'x', seq: 1 },
    });
  });

  it('gives keyPattern and keyValue of a duplicate _id', async () => {
    const error = await failure(entries.insertOne({ _id: id('first') }));
    expect(error).toMatchObject({ code: 11000, keyPattern: { _id: 1 }, keyValue: { _id: 'first' } });
    expect(error.message).toMatch(/ index: _id_ dup key: \{ _id: "first" \}$/);
  });

  it('gives keyPattern and keyValue of an update, an upsert and a replacement', async () => {
    await entries.insertOne({ _id: id('second'), tenantId: 'x', seq: 2 });
    const told = { code: 11000, keyPattern: { tenantId: 1, seq: 1 }, keyValue: { tenantId: 'x', seq: 1 } };
    const second = { _id: id('second') };
    expect(await failure(entries.updateOne(second, { $set: { seq: 1 } }))).toMatchObject(told);
    expect(await failure(entries.replaceOne(second, { tenantId: 'x', seq: 1 }))).toMatchObject(told);
    const upsert = entries.updateOne(
      { _id: id('new'), tenantId: 'x' },
      { $set: { seq: 1 } },
      { upsert: true },
    );
    expect(await failure(upsert)).toMatchObject(told);
  });

  it('gives keyPattern and keyValue of a findAndModify', async () => {
    await entries.insertOne({ _id: id('second'), tenantId: 'x', seq: 2 });
    const error = await failure(entries.findOneAndUpdate({ _id: id('second') }, { $set: { seq: 1 } }));
    expect(error).toMatchObject({
      code: 11000,
      keyPattern: { tenantId: 1, seq: 1 },
      keyValue: { tenantId: 'x', seq: 1 },
    });
    expect(error.message).toMatch(/^Plan executor error during findAndModify :: caused by :: E11000|^E11000/);
    const onId = entries.findOneAndUpdate(
      { _id: id('first'), seq: 99 },
      { $set: { a: 1 } },
      { upsert: true },
    );
    expect(await failure(onId)).toMatchObject({
      code: 11000,
      keyPattern: { _id: 1 },
      keyValue: { _id: 'first' },
    });
  });

  it('names an index that was made after the first refusal', async () => {
    await failure(entries.insertOne({ tenantId: 'x', seq: 1 }));
    await entries.createIndex({ 'a.b': -1 }, { unique: true, sparse: true, name: 'later' }, {});
    await entries.insertOne({ a: { b: 1 } });
    const error = await failure(entries.insertOne({ tenantId: 'y', a: { b: 1 } }));
    expect(error).toMatchObject({ keyPattern: { 'a.b': -1 }, keyValue: { 'a.b': 1 } });
    expect(error.message).toContain('index: later dup key: { a.b: 1 }');
  });
});

describe('when two clients insert the same keys at once', () => {
  it('refuses with 11000 and nothing else, and each key is there once', async () => {
    const clients = await Promise.all(
      [1, 2].map(() => createConnection(sharedDatabaseUri(), { dbName: connection.name }).asPromise()),
    );
    const batchOf = (client: number, batch: number): mongo.Document[] =>
      Array.from({ length: 20 }, (_, i) => ({ tenantId: 'hot', seq: batch * 10 + i, client }));
    const codes = new Set<unknown>();
    const insert = async (client: number, batch: number): Promise<void> => {
      const target = clients[client]!.collection(entries.collectionName);
      await target.insertMany(batchOf(client, batch)).catch((error: unknown) => {
        codes.add((error as mongo.MongoServerError).code);
      });
    };
    for (let batch = 0; batch < 20; batch += 1) {
      await Promise.all([insert(0, batch), insert(1, batch), insert(0, batch), insert(1, batch)]);
    }
    expect([...codes]).toEqual([11_000]);
    const stored = await entries.find({ tenantId: 'hot' }).toArray();
    expect(new Set(stored.map(({ seq }) => seq as number)).size).toBe(stored.length);
    await Promise.all(clients.map((client) => client.close()));
  });
});
