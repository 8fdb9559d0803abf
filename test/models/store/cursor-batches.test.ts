import mongoose, { type Connection } from 'mongoose';
import { cursorBatches, readAll } from '../../../models/store/cursor-batches';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import { until } from '../../support/deadline';
import { sized } from '../../support/sized';
import { holdable } from '../../support/stalling';

const mongoose8 = jest.requireActual<typeof mongoose>('mongoose8');

const DOCUMENTS = 2_000;
const ALL = Array.from({ length: DOCUMENTS }, (_, n) => n);
/** Whether the way to the server is one that a driver has yet to open decides which of two commands is sent first. */
const TRIES = sized(4, 8);

let shared: Connection;
const opened: Connection[] = [];

beforeAll(async () => {
  shared = await connect();
  await shared.db!.collection('numbers').insertMany(ALL.map((n) => ({ n, text: 'x'.repeat(200) })));
});
afterEach(async () => {
  for (const connection of opened.splice(0)) await connection.close();
});

/** A connection of its own, with the cursors that its server was asked for and told to close. */
async function watched(uri: string, { createConnection }: typeof mongoose) {
  const connection = createConnection(uri, { dbName: shared.name, monitorCommands: true, retryReads: false });
  opened.push(connection);
  await connection.asPromise();
  const [given, killed] = [new Set<string>(), new Set<string>()];
  const client = connection.getClient();
  client.on('commandSucceeded', ({ reply }) => {
    const id = (reply as { cursor?: { id: bigint | number | { toString(): string } } }).cursor?.id;
    if (id !== undefined && String(id) !== '0') given.add(String(id));
  });
  client.on('commandStarted', ({ command }) => {
    for (const id of (command as { cursors?: unknown[] }).cursors ?? []) killed.add(String(id));
  });
  return { numbers: connection.db!.collection('numbers'), given, killed };
}

/** The number of an open cursor, and that it was closed: of others nothing is said. */
const closed = (given: Set<string>, killed: Set<string>) => given.size === 1 && killed.has([...given][0]!);

describe.each([
  ['mongodb 7', mongoose],
  ['mongodb 6', mongoose8],
])('the documents of a cursor, with %s', (_version, driver) => {
  it.each([true, false])('come in batches, in order, ahead: %s', async (ahead) => {
    const { numbers, given, killed } = await watched(sharedDatabaseUri(), driver);
    const sizes: number[] = [];
    const all: number[] = [];
    for await (const batch of cursorBatches(numbers.find({}, { batchSize: 300 }).sort({ n: 1 }), {
      ahead,
    })) {
      sizes.push(batch.length);
      all.push(...batch.map(({ n }) => n as number));
    }
    expect(all).toEqual(ALL);
    expect(Math.max(...sizes)).toBe(300);
    expect(given.size).toBe(1);
    expect(killed.size).toBe(0); // the server has closed it at its end
  });

  it('come all at once', async () => {
    const { numbers } = await watched(sharedDatabaseUri(), driver);
    const all = await readAll(numbers.aggregate([{ $sort: { n: 1 } }], { batchSize: 300 }));
    expect(all.map(({ n }) => n as number)).toEqual(ALL);
    expect(await readAll(numbers.find({ n: -1 }))).toEqual([]);
  });

  it('leave no cursor behind when the reader goes while the next batch is under way', async () => {
    for (let n = 0; n < TRIES; n++) {
      const { numbers, given, killed } = await watched(sharedDatabaseUri(), driver);
      for await (const batch of cursorBatches(numbers.find({}, { batchSize: 300 }), { ahead: true }))
        if (batch.length > 0) break;
      await until(() => closed(given, killed), 'the cursor is closed');
    }
  });

  it('leave no cursor behind when the reader goes while none is', async () => {
    const { numbers, given, killed } = await watched(sharedDatabaseUri(), driver);
    for await (const batch of cursorBatches(numbers.find({}, { batchSize: 300 })))
      if (batch.length > 0) break;
    await until(() => closed(given, killed), 'the cursor is closed');
  });

  it.each(['the first batch', 'a further one'])(
    'end with an error when %s is not there in time, and the cursor is closed when it comes',
    async (which) => {
      // One that is there has to come in time on any machine; one that is held never does.
      const limit = which === 'a further one' ? 3_000 : 500;
      const way = await holdable(shared);
      const { numbers, given, killed } = await watched(way.uri, driver);
      await numbers.findOne({ n: 1 }); // there is a connection
      const reading = cursorBatches(numbers.find({}, { batchSize: 300 }), { limit });
      if (which === 'a further one') await reading.next();
      way.hold();
      await expect(reading.next()).rejects.toThrow(`The database has not answered within ${limit / 1000} s`);
      way.release();
      await until(() => closed(given, killed), 'the cursor is closed');
    },
  );
});
