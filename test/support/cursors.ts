import { type Connection, createConnection } from 'mongoose';
import { sharedDatabaseUri } from './database';

/** The commands by which a driver reads entries, and what is left open of them. */
export interface Cursors {
  /** A connection to the same database, whose reading is watched. */
  connection: Connection;
  /** How often the entries were asked for: first and further portions. */
  reads(): number;
  /** Cursors that the server keeps. */
  open(): number;
}

interface Reply {
  cursor?: { id: bigint | number | { toString(): string }; ns: string };
}

const opened: Connection[] = [];

/** Watches how a second connection to a database reads the entries there. */
export async function watchCursors({ name }: Connection): Promise<Cursors> {
  const connection = createConnection(sharedDatabaseUri(), { dbName: name, monitorCommands: true });
  const ids = new Set<string>();
  const killed = new Set<string>();
  let reads = 0;
  await connection.asPromise();
  opened.push(connection);
  connection.getClient().on('commandSucceeded', ({ commandName, reply }) => {
    const { cursor } = reply as Reply;
    if (commandName === 'killCursors') {
      // A portion that was asked for before may come in afterwards.
      for (const id of (reply as { cursorsKilled: unknown[] }).cursorsKilled) killed.add(String(id));
    } else if (cursor?.ns.endsWith('.audit_entries')) {
      reads++;
      if (String(cursor.id) === '0') ids.clear();
      else ids.add(String(cursor.id));
    }
  });
  return { connection, reads: () => reads, open: () => [...ids].filter((id) => !killed.has(id)).length };
}

// Here and not in watchCursors(): Jest takes no hooks once tests are running.
afterAll(async () => {
  for (const connection of opened.splice(0)) await connection.close();
});
