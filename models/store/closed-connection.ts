import type { Connection } from 'mongoose';

const DISCONNECTING = 3;

const watched = new WeakSet<Connection>();
const closed = new WeakSet<Connection>();

/** Notes when the application closes a connection, which is not what an outage does. */
export function watchClosing(connection: Connection): void {
  if (watched.has(connection)) return;
  watched.add(connection);
  connection.on('close', () => closed.add(connection));
  connection.on('connected', () => closed.delete(connection));
}

/** Whether the application has closed a connection: some drivers would open it again for the next operation. */
export function isClosed(connection: Connection): boolean {
  return closed.has(connection) || (connection.readyState as number) === DISCONNECTING;
}
