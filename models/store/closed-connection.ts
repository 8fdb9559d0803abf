import type { Connection } from 'mongoose';

const DISCONNECTING = 3;

const observed = new WeakSet<Connection>();
const closed = new WeakSet<Connection>();

/** Remembers when the application closes a connection. An outage does not close it. */
export function watchClosing(connection: Connection): void {
  if (observed.has(connection)) return;
  observed.add(connection);
  connection.on('close', () => closed.add(connection));
  connection.on('connected', () => closed.delete(connection));
}

/** Whether the application has closed a connection. Some drivers would open it again for the next operation. */
export function isClosed(connection: Connection): boolean {
  return closed.has(connection) || (connection.readyState as number) === DISCONNECTING;
}
