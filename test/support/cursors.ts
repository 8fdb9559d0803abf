import { type Connection, createConnection } from 'mongoose';
import { SYSTEM_TENANT } from '../../lib/vocabulary';
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

/** A command as it is sent: `getMore` names its cursor, `killCursors` several. */
interface Command {
  filter?: { tenantId?: unknown };
  getMore?: unknown;
  cursors?: unknown[];
}

/** Watches how a second connection to a database reads the entries there, but for the ledger's own chain. */
export async function watchCursors({ name }: Connection): Promise<Cursors> {
  const connection = createConnection(sharedDatabaseUri(), { dbName: name, monitorCommands: true });
  const open = new Set<string>();
  const killed = new Set<string>();
  /** The cursor that a command reads on; null where it begins. */
  const asked = new Map<number, string | null>();
  let reads = 0;
  await connection.asPromise();
  opened.push(connection);
  const client = connection.getClient();
  client.on('commandStarted', ({ requestId, commandName, command }) => {
    const { filter, getMore, cursors = [] } = command as Command;
    // A portion that was asked for before may come in afterwards.
    if (commandName === 'killCursors') for (const id of cursors) killed.add(String(id));
    if (commandName === 'getMore') asked.set(requestId, String(getMore));
    if (commandName === 'find' && filter?.tenantId !== SYSTEM_TENANT) asked.set(requestId, null);
  });
  client.on('commandSucceeded', ({ requestId, reply }) => {
    const { cursor } = reply as Reply;
    const before = asked.get(requestId);
    if (before === undefined || !cursor?.ns.endsWith('.audit_entries')) return;
    reads++;
    if (before !== null) open.delete(before);
    if (String(cursor.id) !== '0') open.add(String(cursor.id));
  });
  return { connection, reads: () => reads, open: () => [...open].filter((id) => !killed.has(id)).length };
}

// Here and not in watchCursors(): Jest takes no hooks once tests are running.
afterAll(async () => {
  for (const connection of opened.splice(0)) await connection.close();
});
