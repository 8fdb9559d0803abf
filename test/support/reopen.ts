import { setTimeout as wait } from 'node:timers/promises';
import mongoose, { type Connection, type ConnectOptions } from 'mongoose';

/** How long a driver may take to find out that its server is back, in milliseconds. */
const PATIENCE = 6_000;

/**
 * Opens a connection anew when its driver does not notice that the server is back. The monitor of mongodb 7.8 waits for
 * good when it writes to a socket that has just broken; an orchestrator would restart the application.
 */
export async function reopenWhenStuck(
  connection: Connection,
  uri: string,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await wait(PATIENCE, undefined, { ref: false });
    const isStuck = !isConnected(connection) && (await staysUp(uri)) && !isConnected(connection);
    if (signal.aborted) return;
    if (!isStuck) continue;
    await connection.close(true);
    await connection.openUri(uri, options).catch(() => undefined); // gone again: the next look will tell
  }
}

function isConnected({ readyState }: Connection): boolean {
  return readyState === mongoose.ConnectionStates.connected;
}

/** Whether a server answers another connection for so long that any driver should have noticed. */
async function staysUp(uri: string): Promise<boolean> {
  const options = { serverSelectionTimeoutMS: 30_000 }; // a busy one may take its time
  try {
    const probe = await mongoose.createConnection(uri, options).asPromise();
    await wait(PATIENCE, undefined, { ref: false });
    await probe.db?.command({ ping: 1 });
    await probe.close();
    return true;
  } catch {
    return false; // not up, or not for long
  }
}
