import mongoose, { type ClientSession, type Connection } from 'mongoose';
import type { Audit } from '../../index';
import { createAudit } from './create-audit';

/** What a process is told to do, as the JSON in its first argument. */
export interface TransactionTask {
  uri: string;
  dbName: string;
  /** Begins the name of each order. */
  name: string;
  /** Transactions; every third is aborted. */
  count: number;
}

/** A business document, and how many audit events belong to it. */
export interface Order {
  _id: string;
  tenantId: string;
  events: number;
}

/** Transactions that run side by side. */
const LANES = 4;

/**
 * Documents, one of which each transaction changes: some of them collide and are tried again. Each process has its own,
 * since transactions of a killed one hold what they changed for a minute.
 */
const COUNTERS = 8;

class Abort extends Error {}

/**
 * Runs transactions that each write an order and one or two audit events, and tells the process that started this one
 * of each that has ended. Then waits, and sweeps, until that process says that it is enough.
 */
async function work(task: TransactionTask): Promise<void> {
  const { uri, dbName, count } = task;
  const connection = await mongoose.createConnection(uri, { dbName }).asPromise();
  const audit = createAudit({ connection });
  const counters = Array.from({ length: COUNTERS }, (_, i) => ({ _id: `${task.name}-${i}`, orders: 0 }));
  await connection.collection('counters').insertMany(counters as never[]);
  const enough = new Promise((resolve) => process.once('message', resolve));
  process.send?.('ready');
  const numbers = Array.from({ length: count }, (_, n) => n).values();
  await Promise.all(Array.from({ length: LANES }, () => runLane(connection, audit, task.name, numbers)));
  await enough;
  await audit.close();
  await connection.close();
  process.disconnect();
}

async function runLane(
  connection: Connection,
  audit: Audit,
  name: string,
  numbers: Iterator<number>,
): Promise<void> {
  for (let next = numbers.next(); !next.done; next = numbers.next()) {
    const n = next.value;
    try {
      await connection.transaction((session) => placeOrder({ connection, audit, session }, name, n));
    } catch (error) {
      if (!(error instanceof Abort)) throw error;
    }
    process.send?.('done');
  }
}

interface Desk {
  connection: Connection;
  audit: Audit;
  session: ClientSession;
}

async function placeOrder({ connection, audit, session }: Desk, name: string, n: number): Promise<void> {
  const order: Order = { _id: `${name}-${n}`, tenantId: `t${n % 3}`, events: 1 + (n % 2) };
  await connection.collection<Order>('orders').insertOne(order, { session });
  const counter = { _id: `${name}-${n % COUNTERS}` } as object;
  await connection.collection('counters').updateOne(counter, { $inc: { orders: 1 } }, { session });
  for (let part = 0; part < order.events; part++) {
    const { _id: resource, tenantId } = order;
    await audit.event({ tenantId, action: 'order.place', resource, metadata: { part } }, { session });
  }
  if (n % 3 === 2) throw new Abort();
}

work(JSON.parse(process.argv[2] ?? '') as TransactionTask).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
