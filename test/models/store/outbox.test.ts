import mongoose, { type ClientSession } from 'mongoose';
import { createAudit } from '../../support/create-audit';
import { sharedDatabaseUri } from '../../support/database';
import { failover, TransactionLedger } from '../../support/transaction-ledger';

const event = { tenantId: 't', action: 'order.place' };

let till: TransactionLedger;
beforeEach(async () => {
  till = await TransactionLedger.open();
});
afterEach(() => till.audit.close());

describe('a session without a transaction', () => {
  it('has its events linked at once', async () => {
    await till.inSession((session) => till.audit.event(event, { session }));
    expect(await till.linked(1)).toHaveLength(1);
    await till.emptied();
  });

  it('has them linked at once between its transactions as well', async () => {
    await till.inSession(async (session) => {
      await session.withTransaction(() => till.audit.event({ ...event, resource: 'in' }, { session }));
      await till.linked(1);
      await till.audit.event({ ...event, resource: 'between' }, { session });
      await till.linked(2);
      await session.withTransaction(() => till.audit.event({ ...event, resource: 'in' }, { session }));
    });
    expect((await till.linked(3)).map(({ resource }) => resource)).toEqual(['in', 'between', 'in']);
  });
});

describe('several transactions one after another on one session', () => {
  it('have the events linked of those that were committed, each once', async () => {
    await till.inSession(async (session) => {
      for (let n = 0; n < 10; n++) {
        session.startTransaction();
        await till.audit.event({ ...event, metadata: { n } }, { session });
        await (n % 3 === 2 ? session.abortTransaction() : session.commitTransaction());
      }
    });
    await till.emptied();
    const committed = (await till.linked(7)).map(({ metadata }) => metadata);
    expect(committed).toEqual([0, 1, 3, 4, 6, 7, 9].map((n) => ({ n })));
    expect(till.recorded).toHaveLength(7);
  });

  it('take a repeated commit for one', async () => {
    await till.inSession(async (session) => {
      session.startTransaction();
      await till.audit.event(event, { session });
      await session.commitTransaction();
      await session.commitTransaction(); // as after an answer that did not arrive
    });
    await till.emptied();
    expect(till.recorded).toHaveLength(1);
  });
});

describe('when a transaction is tried again', () => {
  /** Fails the first tries of a callback as a failover would. */
  function flaky(failures: number): { tries: number; fail(): void } {
    return {
      tries: 0,
      fail() {
        if (++this.tries <= failures) throw failover();
      },
    };
  }

  it.each(['session.withTransaction', 'connection.transaction'])(
    'links the events of the committed try alone, with %s',
    async (call) => {
      const trouble = flaky(2);
      const attempt = async (session: ClientSession) => {
        await till.audit.event({ ...event, metadata: { attempt: trouble.tries } }, { session });
        trouble.fail();
      };
      if (call === 'connection.transaction') await till.connection.transaction(attempt);
      else await till.inSession((session) => session.withTransaction(attempt));
      await till.emptied();
      expect((await till.linked(1)).map(({ metadata }) => metadata)).toEqual([{ attempt: 2 }]);
      expect(till.recorded).toHaveLength(1);
    },
  );

  it('lets the labels of the database through, which say that it may be', async () => {
    const error = await till.inLostTransaction(async (session, lose) => {
      await till.audit.event(event, { session });
      await lose();
      const error: unknown = await till.audit.event(event, { session }).catch((error: unknown) => error);
      await session.abortTransaction();
      return error;
    });
    expect(error).toBeInstanceOf(mongoose.mongo.MongoServerError);
    const { MongoServerError } = mongoose.mongo;
    expect(error instanceof MongoServerError && error.hasErrorLabel('TransientTransactionError')).toBe(true);
    expect(till.errors).toEqual([]); // its caller has it
    expect(await till.outbox.countDocuments()).toBe(0);
  });
});

describe('when a commit fails', () => {
  it('links nothing', async () => {
    await till.inLostTransaction(async (session, lose) => {
      await till.audit.event(event, { session });
      await lose();
      await expect(session.commitTransaction()).rejects.toThrow();
    });
    await till.audit.event({ ...event, resource: 'after' });
    expect((await till.entries()).map(({ resource }) => resource)).toEqual(['after']);
    expect(await till.outbox.countDocuments()).toBe(0);
  });
});

describe('an event that nobody awaits before the transaction ends', () => {
  it.each(['abortTransaction', 'commitTransaction'] as const)(
    'is refused, and recorded nowhere, when %s is called first',
    async (end) => {
      await till.inSession(async (session) => {
        session.startTransaction();
        const late = till.audit.event(event, { session });
        await session[end]();
        await expect(late).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
      });
      await till.audit.flush();
      expect(await till.outbox.countDocuments()).toBe(0);
      expect(await till.entries()).toEqual([]);
    },
  );

  it('never becomes a part of the next transaction of its session', async () => {
    await till.inSession(async (session) => {
      session.startTransaction();
      const late = till.audit.event({ ...event, resource: 'late' }, { session });
      await session.abortTransaction();
      session.startTransaction();
      await expect(late).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
      await till.audit.event({ ...event, resource: 'in time' }, { session });
      await session.commitTransaction();
    });
    expect((await till.linked(1)).map(({ resource }) => resource)).toEqual(['in time']);
    await till.emptied();
  });
});

describe('with Mongoose 8', () => {
  const mongoose8 = jest.requireActual<typeof mongoose>('mongoose8');

  it('links what is committed, and nothing of a try that was not', async () => {
    const options = { dbName: till.connection.name };
    const connection8 = await mongoose8.createConnection(sharedDatabaseUri(), options).asPromise();
    const audit8 = createAudit({ connection: connection8 });
    let tries = 0;
    await connection8.transaction(async (session) => {
      await audit8.event({ ...event, metadata: { tries } }, { session });
      if (tries++ > 0) return;
      const error = new mongoose8.mongo.MongoServerError({ message: 'a failover' });
      error.addErrorLabel('TransientTransactionError');
      throw error;
    });
    const arrived = await till.linked(1);
    expect(arrived.map(({ metadata }) => metadata)).toEqual([{ tries: 1 }]);
    await audit8.close();
    await connection8.close();
    expect(await till.outbox.countDocuments()).toBe(0);
  });
});
