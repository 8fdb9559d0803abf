import { text } from 'node:stream/consumers';
import mongoose from 'mongoose';
import type { Entry, PendingReceipt } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { Audit } from '../../../lib/audit';
import { parseOptions } from '../../../lib/options';
import { MongoStore } from '../../../models/store/mongo-store';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import { until } from '../../support/deadline';
import { TransactionLedger } from '../../support/transaction-ledger';

const event = { tenantId: 't', action: 'order.place' };

let till: TransactionLedger;
beforeEach(async () => {
  till = await TransactionLedger.open();
});
afterEach(() => till.audit.close());

describe('with transactionAsyncLocalStorage of Mongoose', () => {
  /** A Mongoose of its own, because that is a setting of all its connections. */
  async function ambient() {
    const library = new mongoose.Mongoose();
    library.set('transactionAsyncLocalStorage', true);
    const connection = library.createConnection(sharedDatabaseUri(), { dbName: till.connection.name });
    await connection.asPromise();
    const audit = createAudit({ connection });
    return { connection, audit, end: () => audit.close().then(() => connection.close()) };
  }
  const orders = () => till.connection.collection('orders');

  it('an event that names no session is part of the transaction around it', async () => {
    const { connection, audit, end } = await ambient();
    await orders().deleteMany({});
    const Order = connection.model('Order', new mongoose.Schema({ n: Number }), 'orders');
    const aborted = connection.transaction(async () => {
      await Order.create({ n: 1 });
      await audit.event({ ...event, resource: 'aborted' });
      throw new Error('no');
    });
    await expect(aborted).rejects.toThrow('no');
    const receipt = await connection.transaction(async () => {
      await Order.create({ n: 2 });
      const receipt = await audit.event({ ...event, resource: 'committed' });
      expect(await till.entries()).toEqual([]);
      return receipt;
    });
    expect(receipt).toMatchObject({ seq: null, hash: null });
    expect((await till.linked(1)).map(({ resource }) => resource)).toEqual(['committed']);
    expect(await orders().countDocuments()).toBe(1);
    await end();
  });

  it('takes part in no transaction that has ended, or that is on another connection', async () => {
    const { connection, audit, end } = await ambient();
    let later: Promise<unknown> = Promise.resolve();
    let go: () => void = () => undefined;
    await connection.transaction(async (session) => {
      await connection.collection('orders').findOne({}, { session });
      const gone = new Promise<void>((resolve) => (go = resolve));
      later = gone.then(() => audit.event({ ...event, resource: 'later' }));
      await till.audit.event({ ...event, resource: 'elsewhere' });
    });
    go();
    await expect(later).resolves.toMatchObject({ seq: 2 });
    expect((await till.linked(2)).map(({ resource }) => resource)).toEqual(['elsewhere', 'later']);
    await end();
  });

  it('what the ledger itself reads and writes within it is not part of it', async () => {
    const { connection, audit, end } = await ambient();
    await till.audit.event(event);
    const aborted = connection.transaction(async () => {
      const evidence = await audit.exportEvidence({ tenantId: 't', format: 'jsonl' });
      await text(evidence);
      expect(await audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 2 });
      throw new Error('no');
    });
    await expect(aborted).rejects.toThrow('no');
    expect((await till.entries()).map(({ action }) => action)).toEqual(['order.place', 'audit.export']);
    await end();
  });
});

describe('an event in a transaction', () => {
  it('gives a receipt without a place, and is linked right after the commit', async () => {
    const receipt = await till.inSession(async (session) => {
      session.startTransaction();
      const receipt = await till.audit.event(event, { session });
      await till.audit.flush();
      expect(await till.entries()).toEqual([]); // nobody sees it before
      expect(await till.outbox.countDocuments()).toBe(0);
      await session.commitTransaction();
      return receipt;
    });
    const [entry] = await till.linked(1);
    const pending: PendingReceipt = {
      id: entry!.id,
      tenantId: 't',
      seq: null,
      hash: null,
      recordedAt: null,
    };
    expect(receipt).toEqual(pending);
    expect(entry).toMatchObject({ action: 'order.place', seq: 1 });
    await till.emptied();
    expect(till.recorded.map(({ id }) => id)).toEqual([receipt.id]);
  });

  it('is linked without a sweep', async () => {
    await till.audit.close();
    const clock = { now: Date.now, random: Math.random };
    const idle = new Audit(new MongoStore(till.connection), parseOptions({}), clock); // sweeps once it is started
    const arrival = new Promise((resolve) => idle.on('recorded', resolve));
    await till.inSession((session) => session.withTransaction(() => idle.event(event, { session })));
    await arrival;
    await idle.close();
    expect(await till.entries()).toHaveLength(1);
  });

  it('never existed when that is aborted', async () => {
    await till.inSession(async (session) => {
      session.startTransaction();
      await till.connection.collection('orders').insertOne({ n: 1 }, { session });
      await till.audit.event(event, { session });
      await session.abortTransaction();
      session.startTransaction();
      await till.audit.event({ ...event, resource: 'after' }, { session });
      await session.commitTransaction();
    });
    expect((await till.linked(1)).map(({ resource }) => resource)).toEqual(['after']);
    await till.emptied();
    expect(await till.connection.collection('orders').countDocuments()).toBe(0);
  });

  it('never existed when its session ends without a commit', async () => {
    await till.inSession(async (session) => {
      session.startTransaction();
      await till.audit.event(event, { session });
    });
    await till.audit.event({ ...event, resource: 'after' });
    expect((await till.entries()).map(({ resource }) => resource)).toEqual(['after']);
    expect(await till.outbox.countDocuments()).toBe(0);
  });

  it('keeps its place among those of the same transaction', async () => {
    const parts = Array.from({ length: 30 }, (_, part) => part);
    await till.inSession((session) =>
      session.withTransaction(async () => {
        for (const part of parts) await till.audit.event({ ...event, metadata: { part } }, { session });
      }),
    );
    expect((await till.linked(30)).map(({ metadata }) => metadata)).toEqual(parts.map((part) => ({ part })));
    expect(await till.audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 30 });
  });

  it('is refused as any other, and leaves the transaction as it was', async () => {
    await till.inSession(async (session) => {
      session.startTransaction();
      await till.connection.collection('orders').insertOne({ n: 1 }, { session });
      await expect(till.audit.event({ ...event, action: '' }, { session })).rejects.toMatchObject({
        code: 'INVALID_EVENT',
      });
      await session.commitTransaction();
    });
    expect(await till.connection.collection('orders').countDocuments()).toBe(1);
    expect(till.errors).toEqual([]); // its caller handled it
  });

  it('keeps member names that no document could have', async () => {
    const state = JSON.parse(
      '{"$set":{"a.b":1},"":[{"$where":"x"}],"__proto__":{"_bsontype":"Long"}}',
    ) as object;
    await till.inSession((session) =>
      session.withTransaction(() =>
        till.audit.event({ ...event, before: state, after: null, metadata: { 'a.b': state } }, { session }),
      ),
    );
    const [entry] = await till.linked(1);
    expect(JSON.stringify(entry!.before)).toBe(JSON.stringify(state));
    expect(JSON.stringify(entry!.metadata)).toBe(JSON.stringify({ 'a.b': state }));
    expect(entry!.after).toBeNull();
    expect(await till.audit.verify({ tenantId: 't' })).toMatchObject({ verdict: 'intact', size: 1 });
  });
});

describe('an id that is taken', () => {
  const original = { ...event, id: 'order-1', resource: 'one' };

  async function failures(): Promise<Entry[]> {
    const found = await till.audit.list({ tenantId: 'system', action: 'ledger.failure' });
    return [...found];
  }

  it('by the same event is linked once', async () => {
    const { seq } = await till.audit.event(original);
    await till.inSession((session) => session.withTransaction(() => till.audit.event(original, { session })));
    await till.emptied();
    expect((await till.entries()).map((entry) => entry.seq)).toEqual([seq]);
    expect(till.errors).toEqual([]);
  });

  it('by another event does not stop the transaction, and is told of and recorded', async () => {
    await till.audit.event(original);
    await till.inSession((session) =>
      session.withTransaction(async () => {
        await till.connection.collection('orders').insertOne({ n: 1 }, { session });
        await till.audit.event({ ...original, resource: 'two' }, { session });
        await till.audit.event({ ...event, resource: 'three' }, { session });
      }),
    );
    expect((await till.linked(2)).map(({ resource }) => resource)).toEqual(['one', 'three']);
    expect(await till.connection.collection('orders').countDocuments()).toBe(1);
    await until(async () => (await failures()).length > 0, 'the failure is recorded');
    expect(till.errors).toEqual([expect.objectContaining({ code: 'ID_CONFLICT' })]);
    expect((await failures()).map(({ metadata }) => metadata)).toEqual([
      expect.objectContaining({ code: 'ID_CONFLICT', event: { tenantId: 't', id: 'order-1' } }),
    ]);
    await till.emptied();
  });
});

describe('a session', () => {
  it.each([
    ['null', null],
    ['a promise of one', Promise.resolve()],
    ['an object that is none', {}],
    ['its name', 'session'],
  ])('that is %s is refused, and nothing is recorded', async (_, session) => {
    const refused = till.audit.event(event, { session: session as never });
    await expect(refused).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(/`session` must be a Mongoose session.*, got /),
    });
    expect(await till.entries()).toEqual([]);
  });

  it('given in place of the options is refused, and nothing is recorded', async () => {
    const error = await till.inSession((session) => {
      session.startTransaction();
      return till.audit.event(event, session as never).catch((error: unknown) => error);
    });
    expect(error).toMatchObject({ code: 'INVALID_OPTIONS' });
    expect((error as Error).message).toContain('{ session }');
    await till.audit.flush();
    expect(await till.entries()).toEqual([]);
  });

  it.each([
    ['null', null],
    ['of another name', { sesion: 1 }],
  ])('in options that are %s is refused, and nothing is recorded', async (_, options) => {
    await expect(till.audit.event(event, options as never)).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
    });
    await till.audit.flush();
    expect(await till.entries()).toEqual([]);
  });

  it('of another client is refused, and nothing is recorded', async () => {
    const session = await (await connect()).startSession();
    session.startTransaction();
    await expect(till.audit.event(event, { session })).rejects.toThrow(/must be from the same MongoClient/);
    await session.endSession();
    expect(await till.outbox.countDocuments()).toBe(0);
  });

  it('that has ended is refused, and nothing is recorded', async () => {
    const session = await till.connection.startSession();
    await session.endSession();
    await expect(till.audit.event(event, { session })).rejects.toThrow(/expired session/);
    expect(await till.outbox.countDocuments()).toBe(0);
  });
});

describe('when the ledger is closed', () => {
  it('takes no event in a transaction any more, and leaves the transaction as it was', async () => {
    await till.audit.close();
    await till.inSession(async (session) => {
      session.startTransaction();
      await till.connection.collection('orders').insertOne({ n: 1 }, { session });
      await expect(till.audit.event(event, { session })).rejects.toMatchObject({
        code: 'CLOSED',
        status: 503,
      });
      await session.commitTransaction();
    });
    expect(await till.connection.collection('orders').countDocuments()).toBe(1);
    expect(await till.outbox.countDocuments()).toBe(0);
  });

  it('leaves an event whose transaction is committed later to another ledger', async () => {
    const session = await till.connection.startSession();
    session.startTransaction();
    const { id } = await till.audit.event(event, { session });
    await till.audit.close();
    await session.commitTransaction();
    await session.endSession();
    expect(await till.outbox.countDocuments()).toBe(1);

    const next = createAudit({ connection: till.connection });
    expect((await till.linked(1)).map((entry) => entry.id)).toEqual([id]);
    await till.emptied();
    await next.close();
    expect(till.errors).toEqual([]);
  });

  it('has removed what is linked, even when the connection is closed right after', async () => {
    const other = await mongoose
      .createConnection(sharedDatabaseUri(), { dbName: till.connection.name })
      .asPromise();
    const closing = createAudit({ connection: other });
    const troubles: Error[] = [];
    closing.on('error', (error) => troubles.push(error));
    await other.transaction(async (session) => {
      for (let n = 0; n < 50; n++) await closing.event({ ...event, metadata: { n } }, { session });
    });
    await closing.close();
    await other.close();
    expect(await till.outbox.countDocuments()).toBe(0);
    expect(await till.entries()).toHaveLength(50);
    expect(troubles).toEqual([]);
  });
});
