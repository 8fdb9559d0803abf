import { randomBytes } from 'node:crypto';
import { type Connection, createConnection, type ConnectOptions } from 'mongoose';
import type { Database } from './database';
import { startDatabase } from './database-server';

/** How a fail point is switched, as `mongod` takes it. */
export type FailPointMode = 'off' | 'alwaysOn' | { times: number } | { skip: number };

/** A server of one test file that fails as it is told. */
export interface FailingServer {
  /** A connection to a fresh database. */
  connect(options?: ConnectOptions): Promise<Connection>;
  /** Switches a fail point. Gives how often it had been entered. */
  set(name: string, mode: FailPointMode, data?: object): Promise<number>;
  /** `failCommand`, so many times or until it is set `off`. */
  fail(failCommands: readonly string[], data: object, mode?: Exclude<FailPointMode, 'off'>): Promise<void>;
  /** Switches off what is on. */
  mend(): Promise<void>;
}

/** Starts a server before the tests of a file, of their own: fail points are the whole server's. */
export function failingServer(): FailingServer {
  let database: Database;
  let admin: Connection;
  const opened: Connection[] = [];
  const on = new Set<string>();

  beforeAll(async () => {
    database = await startDatabase({ failPoints: true });
    admin = await createConnection(database.uri, { dbName: 'admin' }).asPromise();
  });
  afterEach(() => mend());
  afterAll(async () => {
    for (const connection of [...opened, admin]) await connection.close(true);
    await database.close();
  });

  async function set(name: string, mode: FailPointMode, data: object = {}): Promise<number> {
    const reply = await admin.db!.command({ configureFailPoint: name, mode, data });
    if (mode === 'off') on.delete(name);
    else on.add(name);
    return Number(reply['count']);
  }
  async function mend(): Promise<void> {
    for (const name of [...on]) await set(name, 'off');
  }
  return {
    set,
    mend,
    async connect(options = {}) {
      const dbName = `test_${randomBytes(8).toString('hex')}`;
      const connection = await createConnection(database.uri, { dbName, ...options }).asPromise();
      opened.push(connection);
      return connection;
    },
    async fail(failCommands, data, mode = { times: 1 }) {
      await set('failCommand', mode, { failCommands, ...data });
    },
  };
}
