import { randomBytes } from 'node:crypto';
import { type Connection, createConnection } from 'mongoose';
import { sharedDatabaseUri } from './database';

const opened: Connection[] = [];

/** A connection to a fresh database on the shared server; after the tests of the file both go away. */
export async function connect(): Promise<Connection> {
  const dbName = `test_${randomBytes(8).toString('hex')}`;
  const connection = await createConnection(sharedDatabaseUri(), { dbName }).asPromise();
  opened.push(connection);
  return connection;
}

// Here and not in connect(): Jest takes no hooks once tests or other hooks are running.
afterAll(async () => {
  for (const connection of opened.splice(0)) {
    await connection.dropDatabase();
    await connection.close();
  }
});
