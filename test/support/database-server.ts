import { once } from 'node:events';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoMemoryReplSet } from 'mongodb-memory-server';
import { resetPortsCache } from 'mongodb-memory-server-core/lib/util/getport';
import type { Database } from './database';
import { findMongod } from './mongod-binary';
import type { Log } from './progress';

/** How a server is to be started. */
export interface StartOptions {
  /** Default: a free one. */
  port?: number | undefined;
  /** Where it stores its data. Default: a temporary folder. */
  dbPath?: string | undefined;
  /** Whether it takes `configureFailPoint`. The stand-in always does. */
  failPoints?: boolean | undefined;
  /** Told what takes long. Default: standard error. */
  log?: Log | undefined;
}

const LAUNCH_LIMIT_MS = 120_000;

/**
 * Starts a database: a one-node replica set, so that transactions work. With MONGODB_URI set it is that server, which
 * cannot be ended or started.
 * @throws {Error} that says what to do, if there is no database to be had
 */
export async function startDatabase(options: StartOptions = {}): Promise<Database> {
  const given = process.env['MONGODB_URI'];
  return given ? givenDatabase(given) : startServer(options);
}

function givenDatabase(uri: string): Database {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new Error(
        'This test needs a database that it may stop, and MONGODB_URI names one that it may not. Unset MONGODB_URI to give it one.',
      ),
    );
  return {
    uri,
    pid: () => undefined,
    kill: refuse,
    stop: refuse,
    restart: refuse,
    close: () => Promise.resolve(),
  };
}

async function startServer({
  port,
  dbPath,
  failPoints = false,
  log = console.error,
}: StartOptions): Promise<Database> {
  const { binary, args } = await findMongod(log);
  const folder = dbPath ?? mkdtempSync(join(tmpdir(), 'express-audit-ledger-'));
  const removeFolder = async (): Promise<void> => {
    if (dbPath === undefined) await rm(folder, { recursive: true, force: true });
  };
  mkdirSync(folder, { recursive: true });
  // mongodb-memory-server would take another port than ours if it has used ours in this process before
  if (port !== undefined) resetPortsCache();
  const server = new MongoMemoryReplSet({
    binary,
    instanceOpts: [{ dbPath: folder, launchTimeout: LAUNCH_LIMIT_MS, ...(port !== undefined && { port }) }],
    // Detached, or Ctrl+C in a terminal would end it together with, and not after, the program that uses it.
    replSet: {
      name: 'rs0',
      count: 1,
      args: failPoints ? [...args, '--setParameter', 'enableTestCommands=1'] : args,
      storageEngine: 'wiredTiger',
      spawn: { detached: true },
    },
  });
  try {
    await server.start();
    refuseOtherPort(server, port);
  } catch (error) {
    await removeFolder();
    throw error;
  }
  return controls(server, removeFolder);
}

function refuseOtherPort(server: MongoMemoryReplSet, wanted: number | undefined): void {
  const got = instanceOf(server).port;
  if (wanted === undefined || got === wanted) return;
  void server.stop();
  throw new Error(`Port ${wanted} is taken. Choose another, or end what listens there.`);
}

function controls(server: MongoMemoryReplSet, removeFolder: () => Promise<void>): Database {
  const stop = async (): Promise<void> => {
    await server.stop({ doCleanup: false });
  };
  return {
    uri: server.getUri(),
    pid: () => instanceOf(server).instance.mongodProcess?.pid,
    async kill() {
      const mongod = instanceOf(server).instance.mongodProcess;
      if (mongod) {
        const closed = once(mongod, 'close');
        mongod.kill('SIGKILL');
        await closed;
      }
      await stop(); // nothing is left to stop, but mongodb-memory-server has to know
    },
    stop,
    restart: () => server.start(),
    async close() {
      await stop();
      await removeFolder();
    },
  };
}

function instanceOf(
  server: MongoMemoryReplSet,
): NonNullable<MongoMemoryReplSet['servers'][number]['instanceInfo']> {
  const instance = server.servers[0]?.instanceInfo;
  if (!instance) throw new Error('the server has not been started');
  return instance;
}
