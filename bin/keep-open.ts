import { setTimeout as wait } from 'node:timers/promises';
import mongoose, { type Connection, type ConnectOptions } from 'mongoose';

/** How long a driver may take to find out that its server is back, in milliseconds. */
const PATIENCE = 6_000;

/** How long a server may take to say that it is there, in milliseconds. */
const PING = 2_000;

/** A connection, and what it was made with. */
export interface Made {
  connection: Connection;
  uri: string;
  options: ConnectOptions;
}

/**
 * Keeps a connection open, for a program that runs for good. Mongoose opens one once: a server that is not there yet, or
 * that breaks off the first handshake, leaves it closed. And the monitor of mongodb 7.8 waits for good when it writes to
 * a socket that has just broken.
 * @param say is told why a server was not reached
 * @returns closes it, also while it is being opened
 */
export function keepOpen(made: Made, say: (reason: unknown) => void): () => Promise<void> {
  const end = new AbortController();
  const { signal } = end;
  void watch(made, (reason) => signal.aborted || say(reason), signal);
  return async () => {
    end.abort();
    await made.connection.getClient().close(); // that of Mongoose would wait until it is open
  };
}

async function watch(made: Made, say: (reason: unknown) => void, signal: AbortSignal): Promise<void> {
  await made.connection.asPromise().catch(say);
  while (!signal.aborted) {
    await wait(PATIENCE, undefined, { ref: false });
    await reopenLost(made, signal).catch(say);
  }
}

async function reopenLost(made: Made, signal: AbortSignal): Promise<void> {
  if (!(await isLost(made, signal))) return;
  const { connection, uri, options } = made;
  if (!isNew(connection)) await connection.close(true);
  if (!signal.aborted) await connection.openUri(uri, options);
}

/** Whether it will not come back by itself. A server that is slow has not gone: what it does would be lost with the connection. */
async function isLost({ connection, uri }: Made, signal: AbortSignal): Promise<boolean> {
  if (isOpen(connection)) return false;
  return isNew(connection) || ((await staysUp(uri, signal)) && !isOpen(connection));
}

/** Whether a connection is open, and its server answers soon. */
export async function answers(connection: Connection): Promise<boolean> {
  if (!isOpen(connection)) return false;
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, PING, false).unref());
  const ping = connection.db?.command({ ping: 1 }, { timeoutMS: PING });
  return Promise.race([late, ping?.then(() => true).catch(() => false) ?? false]);
}

/** As Mongoose knows it, also by the age of the last heartbeat. */
function isOpen({ readyState }: Connection): boolean {
  return readyState === mongoose.ConnectionStates.connected;
}

/** Whether it has never been open. */
function isNew({ db }: Connection): boolean {
  return (db as unknown) === undefined;
}

/** Whether a server answers another client for so long that any driver should have noticed. */
async function staysUp(uri: string, signal: AbortSignal): Promise<boolean> {
  const client = new mongoose.mongo.MongoClient(uri);
  const close = () => void client.close();
  signal.addEventListener('abort', close);
  try {
    await client.connect();
    await wait(PATIENCE, undefined, { signal });
    await client.db('admin').command({ ping: 1 });
    return true;
  } catch {
    return false; // not up, or not for long
  } finally {
    signal.removeEventListener('abort', close);
    await client.close();
  }
}
