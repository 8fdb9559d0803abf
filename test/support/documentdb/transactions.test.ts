import { type ClientSession, type Connection, mongo } from 'mongoose';
import { connect } from '../connection';

let connection: Connection;
let accounts: ReturnType<Connection['collection']>;
const id = (value: unknown): mongo.ObjectId => value as mongo.ObjectId;

beforeAll(async () => {
  connection = await connect();
});
beforeEach(async () => {
  accounts = connection.collection(`accounts_${Math.random().toString(36).slice(2)}`);
  await accounts.insertOne({ _id: id('a'), balance: 1 });
});

async function inTransaction(act: (session: ClientSession) => Promise<void>): Promise<void> {
  const session = await connection.startSession();
  try {
    session.startTransaction();
    await act(session);
  } finally {
    await session.endSession();
  }
}

describe('a transaction', () => {
  it('is seen by others from its commit on', async () => {
    await inTransaction(async (session) => {
      await accounts.insertOne({ _id: id('b') }, { session });
      expect(await accounts.countDocuments({}, { session })).toBe(2);
      expect(await accounts.countDocuments()).toBe(1);
      await session.commitTransaction();
    });
    expect(await accounts.countDocuments()).toBe(2);
  });

  it('leaves nothing when it is aborted, or its session ends', async () => {
    await inTransaction(async (session) => {
      await accounts.insertOne({ _id: id('b') }, { session });
      await session.abortTransaction();
    });
    await inTransaction(async (session) => {
      await accounts.insertOne({ _id: id('c') }, { session });
    });
    expect(await accounts.countDocuments()).toBe(1);
  });

  it('may be committed again, as drivers do when an answer was lost', async () => {
    await inTransaction(async (session) => {
      await accounts.insertOne({ _id: id('b') }, { session });
      await session.commitTransaction();
      await session.commitTransaction();
    });
    expect(await accounts.countDocuments()).toBe(2);
  });

  it('takes no stage that `mongod` refuses there', async () => {
    const stages = [{ $unionWith: 'others' }, { $out: 'others' }, { $merge: 'others' }, { $indexStats: {} }];
    for (const stage of stages)
      await inTransaction(async (session) => {
        await expect(accounts.aggregate([stage], { session }).toArray()).rejects.toMatchObject({ code: 263 });
      });
    expect(await accounts.aggregate([{ $unionWith: 'others' }]).toArray()).toHaveLength(1);
  });

  it('reads on through a cursor of its own', async () => {
    await accounts.insertMany(Array.from({ length: 50 }, (_, n) => ({ n })));
    await inTransaction(async (session) => {
      await accounts.insertOne({ n: 50 }, { session });
      const found = await accounts
        .find({ n: { $gte: 0 } }, { session, batchSize: 10 })
        .sort({ n: -1 })
        .toArray();
      expect(found.map(({ n }) => n as number)).toEqual(Array.from({ length: 51 }, (_, i) => 50 - i));
      await session.abortTransaction();
    });
  });

  it('is refused with a transient WriteConflict when another has changed its document', async () => {
    await inTransaction(async (session) => {
      await accounts.findOne({ _id: id('a') }, { session });
      await accounts.updateOne({ _id: id('a') }, { $inc: { balance: 1 } });
      const late = accounts.updateOne({ _id: id('a') }, { $inc: { balance: 1 } }, { session });
      await expectConflict(late);
    });
  });

  it('does not wait for another that holds the document', async () => {
    await inTransaction(async (first) => {
      await accounts.updateOne({ _id: id('a') }, { $inc: { balance: 1 } }, { session: first });
      await inTransaction(async (second) => {
        const late = accounts.updateOne({ _id: id('a') }, { $inc: { balance: 1 } }, { session: second });
        await expectConflict(late);
      });
      await first.commitTransaction();
    });
    expect((await accounts.findOne())?.['balance']).toBe(2);
  });

  it('is over after a duplicate key, which is not transient', async () => {
    await inTransaction(async (session) => {
      const error: unknown = await accounts
        .insertOne({ _id: id('a') }, { session })
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 11000, keyValue: { _id: 'a' } });
      expect((error as mongo.MongoServerError).hasErrorLabel('TransientTransactionError')).toBe(false);
      const next = accounts.insertOne({ _id: id('z') }, { session });
      await expect(next).rejects.toMatchObject({ code: 251, codeName: 'NoSuchTransaction' });
    });
    expect(await accounts.countDocuments()).toBe(1);
  });

  it('is tried again by withTransaction until nobody interferes', async () => {
    await Promise.all(
      Array.from({ length: 8 }, () =>
        connection.transaction(async (session) => {
          const before = await accounts.findOne({ _id: id('a') }, { session });
          await accounts.updateOne(
            { _id: id('a') },
            { $set: { balance: Number(before!['balance']) + 1 } },
            { session },
          );
        }),
      ),
    );
    expect((await accounts.findOne())?.['balance']).toBe(9);
  });
});

async function expectConflict(act: Promise<unknown>): Promise<void> {
  const error: unknown = await act.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(mongo.MongoServerError);
  expect(error).toMatchObject({ code: 112, codeName: 'WriteConflict' });
  expect((error as mongo.MongoServerError).hasErrorLabel('TransientTransactionError')).toBe(true);
}
