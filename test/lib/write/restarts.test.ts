import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import mongoose, { type Connection } from 'mongoose';
import type { Entry, Receipt } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { allEntries } from '../../support/all-entries';
import { compiledPath } from '../../support/compiled-path';
import type { Database } from '../../support/database';
import { startDatabase } from '../../support/database-server';
import { until } from '../../support/deadline';
import { sized } from '../../support/sized';
import type { LoadTask } from '../../support/load-process';

/** How often the database is killed. */
const RESTARTS = sized(2, 20);
const PROCESSES = 4;
const DATABASE = 'restarts';
/** Receipts of each process that show that it records again. */
const PROGRESS = 20;
/** Whether those that record again rest until the others do: what they record has to be checked. */
const RESTING = sized(1, 0) === 1;

interface Writer {
  child: ChildProcess;
  receipts: Receipt[];
}

const running = new Set<ChildProcess>();
let database: Database;
let connection: Connection | undefined;

beforeAll(async () => {
  database = await startDatabase();
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await connection?.close();
  await database.close();
});

/** Writes three tenants: one that all write at once through two lanes each, one of its own, one shared by two. */
function startWriter(i: number): Writer {
  const tenants = ['all', 'all', `own-${i}`, `pair-${i % 2}`];
  const task: LoadTask = { uri: database.uri, dbName: DATABASE, name: `writer-${i}`, tenants };
  const program = compiledPath('test/support/load-process.ts');
  const child = fork(program, [JSON.stringify(task)], { execArgv: [] });
  const writer: Writer = { child, receipts: [] };
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.on('message', (receipt: Receipt) => writer.receipts.push(receipt));
  return writer;
}

async function records({ receipts }: Writer, count: number): Promise<void> {
  const before = receipts.length;
  await until(() => receipts.length >= before + count, 'every writer records');
}

async function progress(writer: Writer): Promise<void> {
  await records(writer, PROGRESS);
  if (RESTING) writer.child.send('rest');
}

describe(`when the database is killed ${RESTARTS} times under load from four processes`, () => {
  it('loses no acknowledged event, and keeps every chain without fork, gap or duplicate', async () => {
    const writers = Array.from({ length: PROCESSES }, (_, i) => startWriter(i));
    await Promise.all(writers.map(progress));
    for (let restart = 0; restart < RESTARTS; restart++) {
      for (const { child } of writers) child.send('on');
      await Promise.all(writers.map((writer) => records(writer, 1))); // all are at work
      await database.kill();
      await database.restart();
      await Promise.all(writers.map(progress));
    }
    const exits = writers.map(({ child }) => once(child, 'exit'));
    for (const { child } of writers) child.send('end');
    expect(await Promise.all(exits)).toEqual(writers.map(() => [0, null]));

    connection = await mongoose.createConnection(database.uri, { dbName: DATABASE }).asPromise();
    const audit = createAudit({ connection });
    const receipts = writers.flatMap((writer) => writer.receipts);
    const tenants = [...new Set(receipts.map(({ tenantId }) => tenantId))];
    expect(tenants).toHaveLength(1 + PROCESSES + 2);
    for (const tenantId of tenants) {
      const entries = await allEntries(audit, tenantId);
      const stored = entries.map(({ id, seq, hash, recordedAt }) => ({
        id,
        tenantId,
        seq,
        hash,
        recordedAt,
      }));
      const given = receipts.filter((receipt) => receipt.tenantId === tenantId);
      expect(given.sort((a, b) => a.seq - b.seq)).toEqual(stored); // none lost, and none that nobody knows of
      expectLanesInOrder(entries);
    }
    console.info(`${receipts.length} events through ${RESTARTS} restarts`);
    await audit.close();
  });
});

/** Each lane awaited one event before it recorded the next. */
function expectLanesInOrder(entries: Entry[]): void {
  const next = new Map<string, number>();
  for (const { actor, metadata } of entries) {
    const { lane: number, n } = metadata as { lane: number; n: number };
    const lane = `${actor}-${number}`;
    expect(n).toBe(next.get(lane) ?? 0);
    next.set(lane, (next.get(lane) ?? 0) + 1);
  }
}
