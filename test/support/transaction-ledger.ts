import mongoose, { type ClientSession, type Connection } from 'mongoose';
import type { Audit, Entry, Receipt } from '../../index';
import { createAudit } from './create-audit';
import { until } from './deadline';
import { connectToEmptied } from './emptied';

/** An item of the outbox as it is stored. */
export interface StoredItem {
  _id: string;
  at: Date;
  event: string;
}

/** A ledger in an empty database, and what becomes of events in transactions there. */
export class TransactionLedger {
  readonly errors: Error[] = [];
  readonly recorded: Receipt[] = [];

  private constructor(
    readonly connection: Connection,
    readonly audit: Audit,
  ) {
    audit
      .on('error', (error) => this.errors.push(error))
      .on('recorded', (receipt) => this.recorded.push(receipt));
  }

  /**
   * With the collections made: a transaction that is older than they are could not write to them. All tests of a file
   * have the same ones: close their ledgers.
   */
  static async open(): Promise<TransactionLedger> {
    const connection = await connectToEmptied();
    const audit = createAudit({ connection });
    await audit.event({ tenantId: 'first', action: 'a.b' });
    const made = new Set((await connection.db!.collections()).map(({ collectionName }) => collectionName));
    for (const name of ['orders', 'stock']) if (!made.has(name)) await connection.createCollection(name);
    return new TransactionLedger(connection, audit);
  }

  get outbox() {
    return this.connection.db!.collection<StoredItem>('audit_outbox');
  }

  async inSession<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
    const session = await this.connection.startSession();
    try {
      return await work(session);
    } finally {
      await session.endSession();
    }
  }

  /** Works in a transaction that the database then aborts, since another one was faster. */
  async inLostTransaction<T>(
    work: (session: ClientSession, lose: () => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const stock = this.connection.collection('stock');
    await stock.insertOne({ n: 0 });
    return this.inSession(async (session) => {
      session.startTransaction();
      return work(session, () =>
        this.inSession(async (faster) => {
          faster.startTransaction();
          await stock.updateOne({}, { $inc: { n: 1 } }, { session: faster });
          await stock.updateOne({}, { $inc: { n: 1 } }, { session }).catch(() => undefined);
          await faster.commitTransaction();
        }),
      );
    });
  }

  async entries(tenantId = 't'): Promise<Entry[]> {
    return [...(await this.audit.list({ tenantId, order: 'asc', limit: 1000 }))];
  }

  /** All entries of the tenant, once there are `count` of them. */
  async linked(count: number, tenantId = 't'): Promise<Entry[]> {
    await until(
      async () => (await this.entries(tenantId)).length >= count,
      `${count} entries of ${tenantId}`,
    );
    return this.entries(tenantId);
  }

  async emptied(): Promise<void> {
    await until(async () => (await this.outbox.countDocuments()) === 0, 'the outbox is empty');
  }
}

/** The error of a database that fails over. */
export function failover(): Error {
  const error = new mongoose.mongo.MongoServerError({ message: 'a failover' });
  error.addErrorLabel('TransientTransactionError');
  return error;
}
