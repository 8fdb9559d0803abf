// To load what starts a server takes longer than most tests do: that is database-server.ts.

/** A MongoDB server, or what stands in for one, that can be ended and started again. */
export interface Database {
  /** Names the server and no database: give `dbName` when you connect. */
  uri: string;
  /** Its process on this machine; undefined for one that somebody else runs. */
  pid(): number | undefined;
  /** Ends the server as a power cut would (SIGKILL). What it has stored stays. */
  kill(): Promise<void>;
  /** Shuts the server down in order. What it has stored stays, until `close` if the folder is a temporary one. */
  stop(): Promise<void>;
  /** Starts the server again after `kill` or `stop`, on the same port and with what it had stored. */
  restart(): Promise<void>;
  /** Shuts the server down in order, and removes its folder unless that was given. */
  close(): Promise<void>;
}

const SHARED_URI = 'AUDIT_TEST_MONGODB_URI';

/**
 * The URI of the server that Jest's global set-up has started for all tests.
 * @throws {Error} outside of Jest
 */
export function sharedDatabaseUri(): string {
  const uri = process.env[SHARED_URI];
  if (!uri)
    throw new Error(
      `${SHARED_URI} is not set: Jest's globalSetup starts the shared database. Outside of Jest call startDatabase().`,
    );
  return uri;
}

/** Lets `sharedDatabaseUri` give this URI in this process and in those that it starts. */
export function shareDatabaseUri(uri: string): void {
  process.env[SHARED_URI] = uri;
}
