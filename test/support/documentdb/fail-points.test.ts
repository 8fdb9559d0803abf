import { type Connection, mongo } from 'mongoose';
import { failingServer } from '../fail-points';

const server = failingServer();
let connection: Connection;
let things: mongo.Collection;

beforeAll(async () => {
  connection = await server.connect({ retryWrites: false, retryReads: false });
});
beforeEach(() => {
  things = connection.db!.collection(`things_${Math.random().toString(36).slice(2)}`);
});

const id = (value: unknown): mongo.ObjectId => value as mongo.ObjectId;
const MAJORITY = { writeConcern: { w: 'majority' } } as const;
const MAJORITY_READ = { readConcern: 'majority' } as const;

async function failure(act: Promise<unknown>): Promise<mongo.MongoError> {
  const error: unknown = await act.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof mongo.MongoError)) throw error;
  return error;
}

describe('failCommand', () => {
  it('refuses so many commands, with a code and the labels that belong to it', async () => {
    await server.fail(['insert'], { errorCode: 91 }, { times: 2 });
    const retried = await server.connect();
    const collection = retried.db!.collection('things');
    const error = await failure(collection.insertOne({ _id: id(1) })); // sent twice by the driver
    expect(error).toMatchObject({ code: 91 });
    expect(error.hasErrorLabel('RetryableWriteError')).toBe(true);
    await collection.insertOne({ _id: id(1) });
    expect(await server.set('failCommand', 'off')).toBe(2);
  });

  it('skips so many, and goes by namespace, application and given labels', async () => {
    const elsewhere = { errorCode: 2, appName: 'other' };
    await server.fail(['find'], elsewhere, 'alwaysOn');
    await things.findOne();
    await server.fail(['find'], { errorCode: 2, namespace: 'no.thing' }, 'alwaysOn');
    await things.findOne();
    const namespace = `${connection.name}.${things.collectionName}`;
    await server.fail(['find'], { errorCode: 2, namespace, errorLabels: ['X'] }, { skip: 1 });
    await things.findOne();
    const error = await failure(things.findOne());
    expect([error.code, error.hasErrorLabel('X')]).toEqual([2, true]);
  });

  it('adds a write-concern error to what was carried out', async () => {
    const writeConcernError = { code: 64, codeName: 'WriteConcernTimeout', errmsg: 'too late' };
    await server.fail(['insert'], { writeConcernError });
    const error = await failure(things.insertOne({ _id: id(1) }));
    expect(error).toBeInstanceOf(mongo.MongoWriteConcernError);
    expect(error.code).toBe(64);
    expect(await things.countDocuments()).toBe(1);
  });

  it('hangs up before the command is carried out', async () => {
    await server.fail(['insert'], { closeConnection: true });
    expect(await failure(things.insertOne({ _id: id(1) }))).toBeInstanceOf(mongo.MongoNetworkError);
    expect(await things.countDocuments()).toBe(0);
  });

  it('blocks, until the command may take no longer', async () => {
    await server.fail(['find'], { blockConnection: true, blockTimeMS: 30 });
    await things.findOne();
    await server.fail(['find'], { blockConnection: true, blockTimeMS: 60_000 });
    expect(await failure(things.find({}, { maxTimeMS: 20 }).toArray())).toMatchObject({ code: 50 });
  });

  it('is refused with a mode or a name that there is not', async () => {
    const configure = (name: string, mode: unknown) =>
      failure(connection.getClient().db('admin').command({ configureFailPoint: name, mode }));
    expect(await configure('failCommand', 'sometimes')).toMatchObject({ code: 2 });
    expect(await configure('failEverything', 'off')).toMatchObject({ code: 209 });
  });
});

describe('maxTimeAlwaysTimeOut', () => {
  it('times out what has a limit', async () => {
    await server.set('maxTimeAlwaysTimeOut', 'alwaysOn');
    await things.findOne();
    expect(await failure(things.findOne({}, { maxTimeMS: 60_000 }))).toMatchObject({ code: 50 });
  });
});

describe('a retryable write whose answer is lost', () => {
  it('is carried out once', async () => {
    const retrying = await server.connect();
    const collection = retrying.db!.collection('things');
    await server.set('onPrimaryTransactionalWrite', { times: 1 });
    await collection.insertOne({ _id: id(1), n: 0 });
    await server.set('onPrimaryTransactionalWrite', { times: 1 });
    await collection.updateOne({ _id: id(1) }, { $inc: { n: 1 } });
    expect(await collection.find().toArray()).toEqual([{ _id: 1, n: 1 }]);
    expect(await server.set('onPrimaryTransactionalWrite', 'off')).toBe(2);
  });
});

describe('while the majority is away', () => {
  it('writes for it time out where they say when, others and reads go on', async () => {
    await server.set('standInMajorityAway', 'alwaysOn');
    const late = things.insertOne({ _id: id(1) }, { writeConcern: { w: 'majority', wtimeoutMS: 20 } });
    expect(await failure(late)).toMatchObject({ code: 64 });
    await things.insertOne({ _id: id(2) });
    expect(await things.countDocuments({}, MAJORITY_READ)).toBe(2);
    const linearizable = things.findOne({}, { readConcern: 'linearizable', maxTimeMS: 20 });
    expect(await failure(linearizable)).toMatchObject({ code: 50 });
    const waiting = things.insertOne({ _id: id(3) }, MAJORITY);
    await server.mend();
    await waiting;
  });
});

describe('stale majority reads', () => {
  it.each([
    ['a write for the majority', () => things.deleteOne({ _id: id('none') }, MAJORITY)],
    ['a linearizable read', () => things.findOne({ _id: id(1) }, { readConcern: 'linearizable' })],
  ])('show what was there before, until %s', async (_what, refresh) => {
    await things.insertOne({ _id: id(1) }, MAJORITY);
    await server.set('standInMajorityCommitPoint', 'alwaysOn');
    await things.insertOne({ _id: id(2) }, MAJORITY);
    await server.set('standInStaleMajorityReads', 'alwaysOn');
    expect(await things.find({}, MAJORITY_READ).sort({ _id: -1 }).toArray()).toEqual([{ _id: 1 }]);
    expect(await things.countDocuments()).toBe(2);
    await refresh();
    expect(await things.countDocuments({}, MAJORITY_READ)).toBe(2);
  });
});

describe('an insert in portions', () => {
  it('stores what comes before a document that is refused, and says which', async () => {
    await things.insertOne({ _id: id(5) });
    await server.set('standInInsertBatches', 'alwaysOn', { size: 2 });
    const documents = Array.from({ length: 8 }, (_, n) => ({ _id: id(n) }));
    const error = (await failure(things.insertMany(documents))) as mongo.MongoBulkWriteError;
    expect([error.code, error.insertedCount, error.writeErrors]).toMatchObject([11_000, 5, [{ index: 5 }]]);
  });
});

describe('options that mongod refuses', () => {
  it.each([
    ['an unknown level', { find: 'things', readConcern: { level: 'newest' } }, 2],
    ['a level of a write', { insert: 'things', documents: [{}], readConcern: { level: 'majority' } }, 72],
    ['a write concern of a read', { find: 'things', writeConcern: { w: 1 } }, 72],
  ])('refuses %s', async (_what, command, code) => {
    expect(await failure(connection.db!.command(command))).toMatchObject({ code });
  });

  it('refuses those of the whole transaction on one of its statements', async () => {
    await things.insertOne({ _id: id(1) });
    const session = await connection.startSession();
    for (const [option, first] of [
      [{ writeConcern: { w: 'majority' } }, {}],
      [{ readConcern: { level: 'majority' } }, { find: things.collectionName }],
    ] as const) {
      session.startTransaction();
      if ('find' in first) await connection.db!.command(first, { session });
      const statement = { delete: things.collectionName, deletes: [{ q: { _id: 2 }, limit: 1 }] };
      // The driver leaves such options out by itself: this is what a command with them would be.
      const begun = { lsid: session.id, txnNumber: (session as unknown as Numbered).serverSession.txnNumber };
      const start = 'find' in first ? {} : { startTransaction: true };
      const raw = { ...statement, ...option, ...begun, autocommit: false, ...start };
      expect(await failure(connection.db!.command(raw as mongo.Document))).toMatchObject({ code: 72 });
      await session.abortTransaction().catch(() => undefined);
    }
    await session.endSession();
  });

  it('says that no member can fulfil a write concern', async () => {
    expect(
      await failure(things.insertOne({}, { writeConcern: { w: 'elsewhere' as 'majority' } })),
    ).toMatchObject({
      code: 79,
    });
    expect(await failure(things.insertOne({}, { writeConcern: { w: 3 } }))).toMatchObject({ code: 100 });
  });
});

interface Numbered {
  serverSession: { txnNumber: mongo.BSON.Long | number };
}
