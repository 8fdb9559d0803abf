import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, createConnection } from 'mongoose';
import { type Database, sharedDatabaseUri } from './database';
import { startDatabase } from './database-server';

const connectTo = (uri: string): Promise<Connection> =>
  createConnection(uri, { dbName: `test_${randomBytes(8).toString('hex')}` }).asPromise();
const portOf = (uri: string): number => Number(/:(\d+)\//.exec(uri)?.[1]);
const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

describe('sharedDatabaseUri', () => {
  it('names a server on which transactions work', async () => {
    const connection = await connectTo(sharedDatabaseUri());
    const done = await connection.transaction(async (session) => {
      await connection.collection('things').insertOne({ a: 1 }, { session });
    });
    expect(done).toBeUndefined();
    expect(await connection.collection('things').countDocuments()).toBe(1);
    await connection.dropDatabase();
    await connection.close();
  });

  describe('when no database has been started', () => {
    const uri = process.env['AUDIT_TEST_MONGODB_URI'];
    afterEach(() => (process.env['AUDIT_TEST_MONGODB_URI'] = uri));

    it('says what starts one', () => {
      delete process.env['AUDIT_TEST_MONGODB_URI'];
      expect(() => sharedDatabaseUri()).toThrow(/globalSetup.*startDatabase/s);
    });
  });
});

describe('startDatabase', () => {
  const given = process.env['MONGODB_URI'];
  // What is tested here is a server of our own, even where the other tests use one that was given.
  beforeAll(() => delete process.env['MONGODB_URI']);
  afterAll(() => {
    if (given !== undefined) process.env['MONGODB_URI'] = given;
  });

  describe('when MONGODB_URI is set', () => {
    afterEach(() => delete process.env['MONGODB_URI']);

    it('hands out that server and refuses to end it', async () => {
      process.env['MONGODB_URI'] = 'mongodb://db.example/?replicaSet=rs0';
      const database = await startDatabase();
      expect(database.uri).toBe('mongodb://db.example/?replicaSet=rs0');
      for (const act of ['kill', 'stop', 'restart'] as const) {
        await expect(database[act]()).rejects.toThrow(
          /needs a database that it may stop.*Unset MONGODB_URI/s,
        );
      }
      await database.close();
    });
  });

  /** One server for all that follows: a start takes long. */
  describe('a server of its own', () => {
    const dbPath = mkdtempSync(join(tmpdir(), 'express-audit-ledger-test-'));
    const acknowledged: number[] = [];
    let database: Database;
    let connection: Connection;
    let away: unknown;

    /** Kills the server in the midst of many inserts; gives what resolves when each has ended, somehow. */
    async function killAmidInserts(): Promise<{ ended: Promise<unknown> }> {
      const things = connection.collection('amid');
      let killed: Promise<void> | undefined;
      const write = async (id: number): Promise<void> => {
        await things.insertOne({ _id: id as never });
        acknowledged.push(id);
        if (acknowledged.length === 20) killed = database.kill();
      };
      const writers = Array.from({ length: 200 }, (_, id) => write(id).catch(() => undefined));
      for (const writer of writers) if (!killed) await writer;
      await killed;
      return { ended: Promise.all(writers) };
    }

    const connectInVain = (): Promise<unknown> =>
      createConnection(database.uri, { serverSelectionTimeoutMS: 2_000 })
        .asPromise()
        .catch((error: unknown) => error);

    beforeAll(async () => {
      database = await startDatabase({ dbPath });
      connection = await connectTo(database.uri);
      await connection.collection('kept').insertOne({ _id: 'before the kill' as never });
      const { ended } = await killAmidInserts();
      away = await connectInVain();
      await database.restart();
      await ended;
    });
    afterAll(async () => {
      await connection.close();
      await database.close();
      await rm(dbPath, { recursive: true, force: true });
    });

    it('keeps what was acknowledged before it was killed, and its port', async () => {
      const again = await connectTo(database.uri);
      const kept = again.useDb(connection.name).collection('kept');
      expect(await kept.find().toArray()).toEqual([{ _id: 'before the kill' }]);
      await again.close();
    });

    it('is a network error to a client while it is away', () => {
      expect(away).toMatchObject({ message: expect.stringContaining('ECONNREFUSED') });
    });

    it('keeps every acknowledged insert when it is killed in the midst of many', async () => {
      const stored = (await connection.collection('amid').find().toArray()).map(({ _id }) => Number(_id));
      expect(acknowledged.length).toBeGreaterThanOrEqual(20);
      expect(acknowledged.filter((id) => !stored.includes(id))).toEqual([]);
    });

    it('keeps what was acknowledged before it was stopped', async () => {
      await connection.collection('kept').insertOne({ _id: 'before the stop' as never });
      await database.stop();
      await database.restart();
      expect(await connection.collection('kept').countDocuments({ _id: 'before the stop' as never })).toBe(1);
    });

    describe('on a given port and folder', () => {
      it('finds its data again after close, and leaves no process behind', async () => {
        const { uri } = database;
        const { pid } = await connection.db!.admin().serverStatus();
        await connection.close();
        await database.close();
        expect(isAlive(Number(pid))).toBe(false);

        database = await startDatabase({ dbPath, port: portOf(uri) });
        expect(database.uri).toBe(uri);
        const again = await connectTo(database.uri);
        expect(await again.useDb(connection.name).collection('kept').countDocuments()).toBe(2);
        await again.close();
      });
    });
  });
});
