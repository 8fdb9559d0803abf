import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import type { Database } from '../../test/support/database';
import type { Peer } from './peer';
import { type App, startApp } from './app-process';

/** What every part of the benchmark works with. */
export interface Bench {
  database: Database;
  /** Gives a connection to a database of its own. */
  connect: () => Promise<Connection>;
}

/** A run of one contender, with a database and a folder that nobody else has. */
export interface Trial {
  connection: Connection;
  /** Starts the application; at the end of the trial those that still run are ended. */
  start(): Promise<App>;
}

/** Runs a trial and removes what it leaves. */
export async function trial<T>(
  { database, connect }: Bench,
  peer: Peer,
  run: (trial: Trial) => Promise<T>,
  { shared = false } = {},
): Promise<T> {
  const connection = await connect();
  const folder = mkdtempSync(join(tmpdir(), 'audit-bench-'));
  const task = { peer: peer.name, uri: database.uri, dbName: connection.name, folder, shared };
  const apps: App[] = [];
  const start = async (): Promise<App> => {
    const app = await startApp(task);
    apps.push(app);
    return app;
  };
  try {
    return await run({ connection, start });
  } finally {
    await Promise.all(apps.filter((app) => app.isRunning()).map((app) => app.kill()));
    await connection.dropDatabase();
    await connection.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** How many of so many requests have no record; undefined where the contender keeps none. */
export async function missing(
  peer: Peer,
  { connection }: Trial,
  requests: number,
): Promise<number | undefined> {
  const records = await peer.records?.(connection);
  return records === undefined ? undefined : requests - records;
}

/** Lets the contenders take turns, so that what the machine does besides falls on all alike. */
export async function takeTurns<T>(
  title: string,
  peers: readonly Peer[],
  rounds: number,
  run: (peer: Peer) => Promise<T>,
): Promise<T[][]> {
  const results = peers.map((): T[] => []);
  for (let round = 1; round <= rounds; round++) {
    for (const [i, peer] of peers.entries()) {
      console.error(`${title}: round ${round} of ${rounds}, ${peer.name}`);
      results[i]!.push(await run(peer));
    }
  }
  return results;
}
