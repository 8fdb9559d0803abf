import type { Connection } from 'mongoose';

/** Mongoose's own numbers: the application may use another copy of Mongoose than ours. */
const STATES = { disconnected: 0, connected: 1, connecting: 2, disconnecting: 3 } as const;

const watches = new WeakMap<Connection, ConnectionWatch>();

/** The one watch of a connection: many ledgers may be on it, and many operations wait for it. */
export function watchOf(connection: Connection): ConnectionWatch {
  const watch = watches.get(connection) ?? new ConnectionWatch(connection);
  watches.set(connection, watch);
  return watch;
}

/** Knows what the application does with a connection. Listens to it once, however many ask. */
export class ConnectionWatch {
  private wasClosed: boolean;
  private waiting: (() => void)[] = [];
  private untilOpen: (() => void)[] = [];

  constructor(private readonly connection: Connection) {
    // Closed before anybody listened. Mongoose has no public name for it.
    this.wasClosed = (connection as { _closeCalled?: unknown })._closeCalled === true;
    connection.on('close', () => {
      this.wasClosed = true;
      this.changed();
    });
    connection.on('connected', () => {
      this.wasClosed = false;
      this.changed();
      const { untilOpen } = this;
      this.untilOpen = [];
      for (const call of untilOpen) call();
    });
    connection.on('disconnected', () => this.changed());
  }

  isOpen(): boolean {
    return this.state === STATES.connected;
  }

  /**
   * Whether the application has closed the connection, or has not opened it. Some drivers would open it again for the
   * next operation. An outage does not close it.
   */
  isClosed(): boolean {
    if (this.state === STATES.disconnecting) return true;
    return this.state === STATES.disconnected && (this.wasClosed || !(this.connection.db as unknown));
  }

  /**
   * Calls once, when the application has opened the connection: at once in an outage, whose end Mongoose does not always
   * tell. Its `readyState` also goes by the age of the last heartbeat.
   */
  whenOpen(call: () => void): void {
    if (this.isClosed() || this.state === STATES.connecting) this.untilOpen.push(call);
    else call();
  }

  /**
   * Resolves when the connection is no longer being made.
   * @throws the driver's error when it could not be
   */
  async settled(): Promise<void> {
    await this.connection.asPromise();
    // A connection of `useDb` has no promise of its own: it follows the one that it was made from.
    while (this.state === STATES.connecting) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private get state(): number {
    return this.connection.readyState;
  }

  private changed(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
