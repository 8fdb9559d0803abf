import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import mongoose, { type Connection } from 'mongoose';
import type { Entry } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { allEntries } from '../../support/all-entries';
import { compiledPath } from '../../support/compiled-path';
import type { Database } from '../../support/database';
import { startDatabase } from '../../support/database-server';
import { until } from '../../support/deadline';
import { sized } from '../../support/sized';
import type { Order, TransactionTask } from '../../support/transaction-process';

const PROCESSES = sized(3, 4);
/** Of each process. */
const TRANSACTIONS = sized(36, 250);
/** Of each process but the first. */
const KILLS = sized(1, 2);

/** A process at work, and how much of it is done. */
interface Worker {
  child: ChildProcess;
  left: number;
}

const DATABASE = 'outbox_processes';

const running = new Set<ChildProcess>();
let database: Database;
let connection: Connection;

// A server of its own: on a shared one, what dropped the database would wait for the transactions of the killed.
beforeAll(async () => {
  database = await startDatabase();
  connection = await mongoose.createConnection(database.uri, { dbName: DATABASE }).asPromise();
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await connection.close();
  await database.close();
});

async function startWorker(name: string, count: number): Promise<Worker> {
  const task: TransactionTask = { uri: database.uri, dbName: DATABASE, name, count };
  const program = compiledPath('test/support/transaction-process.ts');
  const child = fork(program, [JSON.stringify(task)], { execArgv: [] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  await once(child, 'message');
  const worker = { child, left: count };
  child.on('message', () => worker.left--);
  return worker;
}

/** Sees that one process's share of the work is done, by as many processes as it takes when some are killed. */
async function workThrough(name: string, kills: number[]): Promise<Worker> {
  let worker = await startWorker(`${name}.0`, TRANSACTIONS);
  for (const [i, progress] of kills.entries()) {
    await until(() => worker.left <= TRANSACTIONS - progress, `${name} does ${progress} transactions`);
    worker.child.kill('SIGKILL');
    await once(worker.child, 'exit');
    // Even when all was done by then: who is asked to end must be alive.
    worker = await startWorker(`${name}.${i + 1}`, Math.max(0, worker.left));
  }
  await until(() => worker.left <= 0, `${name} ends its transactions`);
  return worker;
}

/** Moments of the work, in transactions, at which a process is killed. */
function randomKills(count: number): number[] {
  const moments = Array.from({ length: count }, () => Math.floor(Math.random() * TRANSACTIONS * 0.8));
  return moments.sort((a, b) => a - b);
}

/** Makes the ledger's collections: a transaction that is older than they are could not write to them. */
async function prepare(): Promise<void> {
  const audit = createAudit({ connection });
  await audit.event({ tenantId: 't', action: 'a.b' });
  await audit.close();
}

async function readOrders(): Promise<Order[]> {
  return connection.collection<Order>('orders').find().toArray();
}

async function readEntries(): Promise<Entry[]> {
  const audit = createAudit({ connection });
  const entries: Entry[] = [];
  for (const tenantId of ['t0', 't1', 't2']) entries.push(...(await allEntries(audit, tenantId)));
  await audit.close();
  return entries;
}

function nameOf(tenantId: string, order: string, part: unknown): string {
  return `${tenantId} ${order} ${String(part)}`;
}

describe('when processes that write in transactions are killed in between', () => {
  it('links the events of what was committed, each once, and of nothing else', async () => {
    await prepare();
    for (const name of ['orders', 'counters']) await connection.createCollection(name);
    const names = Array.from({ length: PROCESSES }, (_, i) => `p${i}`);
    const workers = await Promise.all(
      names.map((name, i) => workThrough(name, i === 0 ? [] : randomKills(KILLS))),
    );
    const outbox = connection.collection('audit_outbox');
    await until(
      async () => (await outbox.countDocuments({ at: { $exists: true } })) === 0,
      'the outbox is empty',
    );
    const exits = workers.map(({ child }) => once(child, 'exit'));
    for (const { child } of workers) child.send('enough');
    expect(await Promise.all(exits)).toEqual(workers.map(() => [0, null]));

    const orders = await readOrders();
    const entries = await readEntries();
    const expected = orders.flatMap(({ _id, tenantId, events }) =>
      Array.from({ length: events }, (_, part) => nameOf(tenantId, _id, part)),
    );
    const recorded = entries.map(({ tenantId, resource, metadata }) =>
      nameOf(tenantId, resource!, (metadata as { part: number }).part),
    );
    expect(recorded.sort()).toEqual(expected.sort());
    expect(orders.length).toBeGreaterThan((PROCESSES * TRANSACTIONS) / 2);
    expect(orders.filter(({ _id }) => Number(_id.split('-')[1]) % 3 === 2)).toEqual([]);
    expect(await outbox.countDocuments({ at: { $exists: true } })).toBe(0);
  });
});
