import { createConnection, type mongo } from 'mongoose';
import { assertSuitable, EntryIndexes, INDEXES } from '../../models/indexes';
import { connect } from '../support/connection';
import { until } from '../support/deadline';
import { failingServer } from '../support/fail-points';
import { holdable } from '../support/stalling';

const server = failingServer();

async function entries(): Promise<mongo.Collection> {
  return (await connect()).db!.collection('audit_entries');
}

async function ensureIndexes(collection: mongo.Collection): Promise<boolean> {
  return new EntryIndexes().ensure(collection);
}

describe('EntryIndexes', () => {
  it('creates them, in a collection that is not there yet', async () => {
    const collection = await entries();
    await ensureIndexes(collection);
    const keys = (await collection.listIndexes().toArray()).map(({ key, unique }) => ({ key, unique }));
    expect(keys).toContainEqual({ key: { tenantId: 1, seq: 1 }, unique: true });
    for (const { key } of INDEXES)
      expect(keys.map((index) => JSON.stringify(index.key))).toContain(JSON.stringify(key));
    expect(keys.filter(({ unique }) => unique)).toHaveLength(1);
  });

  it('may be called again, also by several at once', async () => {
    const collection = await entries();
    await Promise.all([1, 2, 3].map(() => ensureIndexes(collection)));
    await ensureIndexes(collection);
    expect(await collection.listIndexes().toArray()).toHaveLength(INDEXES.length + 1);
  });

  it('does not go on where numbers are there twice: the chain has forked', async () => {
    const collection = await entries();
    await collection.insertMany([
      { tenantId: 't', seq: 1 },
      { tenantId: 't', seq: 1 },
    ]);
    await expect(ensureIndexes(collection)).rejects.toMatchObject({ code: 11_000 });
  });

  it('tells whether the index that keeps writers apart was missing', async () => {
    const collection = await entries();
    const indexes = new EntryIndexes();
    expect(await indexes.ensure(collection)).toBe(true);
    expect(await indexes.ensure(collection)).toBe(false);
    await collection.dropIndex('tenantId_1_actor_1_seq_1');
    expect(await indexes.ensure(collection)).toBe(false);
    await collection.drop();
    expect(await indexes.ensure(collection)).toBe(true);
    expect(await collection.listIndexes().toArray()).toHaveLength(INDEXES.length + 1);
  });

  it('does not go on in a collection of documents that are no entries', async () => {
    const collection = await entries();
    await collection.insertOne({ user: 'ann', at: new Date() });
    await expect(ensureIndexes(collection)).rejects.toMatchObject({
      code: 'FOREIGN_COLLECTION',
      message: expect.stringContaining('audit_entries holds documents that are no audit entries') as string,
    });
    expect(await collection.listIndexes().toArray()).toHaveLength(1);
  });

  it('asks again when the answer was lost, and takes no index for made that may not be', async () => {
    const connection = await connect();
    const way = await holdable(connection);
    const options = { dbName: connection.name, monitorCommands: true };
    const shaky = await createConnection(way.uri, options).asPromise();
    const commands: string[] = [];
    shaky.getClient().on('commandStarted', ({ commandName }) => {
      if (commandName === 'createIndexes' && !commands.includes(commandName)) way.hold();
      commands.push(commandName);
    });
    const indexes = new EntryIndexes(200);
    const collection = shaky.db!.collection('audit_entries');
    await expect(indexes.ensure(collection)).rejects.toThrow('has not answered within 0.2 s');
    way.release();
    const patient = () => indexes.ensure(collection).catch(() => null);
    await until(async () => (await patient()) === true, 'they are made');
    const asked = commands.filter((name) => name.endsWith('Indexes'));
    expect(asked.slice(0, 3)).toEqual(['listIndexes', 'createIndexes', 'createIndexes']);
    expect(await indexes.ensure(collection)).toBe(false);
    await shaky.close(true);
  });

  it('makes them again on entries, some of which were altered', async () => {
    const collection = await entries();
    await collection.insertMany([{ tenantId: 't', seq: 1 }, { tenantId: 't', seq: 2 }, { altered: true }]);
    expect(await ensureIndexes(collection)).toBe(true);
  });

  it('does not go on where an index on tenant and number is not unique', async () => {
    const collection = await entries();
    await collection.createIndexes([{ key: { tenantId: 1, seq: 1 } }]);
    await expect(ensureIndexes(collection)).rejects.toThrow(/tenantId_1_seq_1/);
  });

  it('does not go on where it is unique among some entries only', async () => {
    const collection = await entries();
    const partialFilterExpression = { seq: { $gt: 1_000_000 } };
    await collection.createIndexes([{ key: { tenantId: 1, seq: 1 }, unique: true, partialFilterExpression }]);
    await expect(ensureIndexes(collection)).rejects.toThrow(/tenantId_1_seq_1/);
  });
});

describe('where there are other indexes in the place of ours', () => {
  it('does not go on without the one that keeps writers apart', async () => {
    const connection = await server.connect();
    const collection = connection.db!.collection('audit_entries');
    await collection.createIndexes([
      { key: { tenantId: 1, seq: 1 }, unique: true, sparse: true, name: 'mine' },
    ]);
    const namespace = `${connection.name}.audit_entries`;
    await server.fail(['createIndexes'], { errorCode: 85, namespace }, 'alwaysOn'); // as mongod answers
    await expect(ensureIndexes(collection)).rejects.toMatchObject({
      code: 'UNSUITABLE_COLLECTION',
      message: expect.stringContaining('has the index mine in the place of') as string,
    });
  });

  it('goes on with one for queries that somebody has made otherwise', async () => {
    const connection = await server.connect();
    const collection = connection.db!.collection('audit_entries');
    const key = { tenantId: 1, actor: 1, seq: 1 } as const;
    const namespace = `${connection.name}.audit_entries`;
    await collection.createIndexes([{ key, sparse: true, name: 'mine' }]);
    // All at once, and the first for queries by itself.
    await server.fail(['createIndexes'], { errorCode: 85, namespace }, { times: 1 });
    const indexes = new EntryIndexes();
    expect(await indexes.ensure(collection)).toBe(true);
    expect(await indexes.ensure(collection)).toBe(false);
    const names = (await collection.listIndexes().toArray()).map(({ name }): unknown => name);
    expect(names).toEqual(expect.arrayContaining(['mine', 'tenantId_1_seq_1', 'tenantId_1_outcome_1_seq_1']));
  });

  it('goes on with the right one under another name', async () => {
    const collection = await entries();
    await collection.createIndexes([{ key: { tenantId: 1, seq: 1 }, unique: true, name: 'chain' }]);
    expect(await ensureIndexes(collection)).toBe(false);
  });
});

describe('a collection that holds no chains', () => {
  const id = { v: 2, key: { _id: 1 }, name: '_id_' };
  const collation = { locale: 'en', strength: 2 };
  const found = (...indexes: object[]) => indexes as Parameters<typeof assertSuitable>[1];

  it.each([
    ['a collation', { ...id, collation }, 'was made with a collation'],
    [
      'an index that expires',
      { key: { recordedAt: 1 }, name: 'ttl', expireAfterSeconds: 1 },
      'deletes entries by time',
    ],
  ])('is refused for %s', (_what, index, why) => {
    expect(() => assertSuitable('audit_entries', found(id, index))).toThrow(why);
  });

  it('is not refused for what harms no entry', () => {
    const others = [
      { key: { tenantId: 1, action: 1 }, name: 'theirs', collation },
      { key: { theirs: 1 }, name: 'ttl', expireAfterSeconds: 1 },
    ];
    expect(() => assertSuitable('audit_entries', found(id, ...others))).not.toThrow();
  });
});

describe('INDEXES', () => {
  it('begin with the tenant and end with the number', () => {
    for (const { key } of INDEXES) {
      expect(Object.keys(key)[0]).toBe('tenantId');
      expect(Object.keys(key).at(-1)).toBe('seq');
    }
  });
});
