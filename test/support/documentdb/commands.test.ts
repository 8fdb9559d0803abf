import { type Connection } from 'mongoose';
import { connect } from '../connection';

let connection: Connection;
let things: ReturnType<Connection['collection']>;
beforeAll(async () => {
  connection = await connect();
});
beforeEach(() => {
  things = connection.collection(`things_${Math.random().toString(36).slice(2)}`);
});

describe('a command that there is not', () => {
  it.each(['makeCoffee', 'constructor', '__proto__'])('%s is CommandNotFound', async (name) => {
    const command = connection.db!.command(Object.fromEntries([[name, 1]]));
    await expect(command).rejects.toMatchObject({ code: 59, codeName: 'CommandNotFound' });
  });
});

describe('indexes', () => {
  it('are made before the answer comes, and listed', async () => {
    await things.createIndexes([
      { key: { tenantId: 1, seq: -1 }, unique: true },
      { key: { expires: 1 }, expireAfterSeconds: 0, background: true },
      { key: { a: 1 }, name: 'partial', partialFilterExpression: { a: { $exists: true } } },
      { key: { b: 1 }, sparse: true },
    ]);
    const listed = await things.indexes();
    expect(listed.map(({ name }) => name)).toEqual([
      '_id_',
      'tenantId_1_seq_-1',
      'expires_1',
      'partial',
      'b_1',
    ]);
    expect(listed).toContainEqual(expect.objectContaining({ key: { expires: 1 }, expireAfterSeconds: 0 }));
    expect(listed).toContainEqual(expect.objectContaining({ key: { tenantId: 1, seq: -1 }, unique: true }));
    expect(listed).toContainEqual(
      expect.objectContaining({ partialFilterExpression: { a: { $exists: true } } }),
    );
  });

  it('may be made again as they are, not otherwise', async () => {
    await things.createIndex({ a: 1 }, {}, {});
    await things.createIndex({ a: 1 }, {}, {});
    await expect(things.createIndex({ a: 1 }, { unique: true }, {})).rejects.toMatchObject({ code: 86 });
  });

  it('are dropped by name, and all but _id_ by *', async () => {
    await things.createIndexes([{ key: { a: 1 } }, { key: { b: 1 } }, { key: { c: 1 } }]);
    await things.dropIndex('a_1');
    expect((await things.indexes()).map(({ name }) => name)).toEqual(['_id_', 'b_1', 'c_1']);
    await things.dropIndexes();
    expect((await things.indexes()).map(({ name }) => name)).toEqual(['_id_']);
    await expect(things.dropIndex('a_1')).rejects.toMatchObject({ code: 27, codeName: 'IndexNotFound' });
  });

  it('of a collection that is not there are NamespaceNotFound', async () => {
    await expect(things.indexes()).rejects.toMatchObject({ code: 26, codeName: 'NamespaceNotFound' });
  });

  it('that documents contradict are refused with 11000', async () => {
    await things.insertMany([{ a: 1 }, { a: 1 }]);
    await expect(things.createIndex({ a: 1 }, { unique: true }, {})).rejects.toMatchObject({
      code: 11000,
      keyPattern: { a: 1 },
      keyValue: { a: 1 },
    });
  });
});

describe('collections and databases', () => {
  it('are created, listed, renamed and dropped', async () => {
    const db = connection.db!;
    const { collectionName: name } = things;
    await db.createCollection(name);
    await db.renameCollection(name, `${name}_renamed`);
    const named = async (): Promise<string[]> =>
      (await db.listCollections({ name: { $regex: name } }).toArray()).map((collection) => collection.name);
    expect(await named()).toEqual([`${name}_renamed`]);
    await db.dropCollection(`${name}_renamed`);
    expect(await named()).toEqual([]);
    await things.insertOne({});
    const { databases } = await db.admin().listDatabases();
    expect(databases.map((database) => database.name)).toContain(connection.name);
  });

  it('are counted and made distinct', async () => {
    await things.insertMany([{ a: 1 }, { a: 1 }, { a: 2 }]);
    expect(await things.countDocuments({ a: 1 })).toBe(2);
    expect(await things.estimatedDocumentCount()).toBeGreaterThanOrEqual(0);
    expect(await things.distinct('a')).toEqual([1, 2]);
  });
});

describe('explain', () => {
  it('names the index that a query uses', async () => {
    await things.createIndex({ tenantId: 1, seq: 1 }, {}, {});
    await things.insertMany([{ tenantId: 'x', seq: 1 }, { tenantId: 'x', seq: 2 }]); // prettier-ignore
    const plan = JSON.stringify(
      await things.find({ tenantId: 'x' }).sort({ seq: -1 }).explain('queryPlanner'),
    );
    expect(plan).toContain('"stage":"IXSCAN"');
    expect(plan).toContain('"indexName":"tenantId_1_seq_1"');
  });

  it('tells the plan of an aggregation', async () => {
    await things.insertOne({ a: 1 });
    expect(JSON.stringify(await things.aggregate([{ $match: { a: 1 } }]).explain())).toContain(
      'queryPlanner',
    );
  });
});

describe('questions about the server', () => {
  it.each([
    'ping',
    'hello',
    'buildInfo',
    'serverStatus',
    'connectionStatus',
    'replSetGetStatus',
    'listDatabases',
  ])('%s is answered', async (name) => {
    expect(await connection.db!.admin().command({ [name]: 1 })).toMatchObject({ ok: 1 });
  });

  it('hello is that of the primary of a replica set', async () => {
    const hello = await connection.db!.admin().command({ hello: 1 });
    expect(hello).toMatchObject({ isWritablePrimary: true, setName: expect.any(String) as string });
  });
});
