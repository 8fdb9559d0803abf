import type { Connection } from 'mongoose';
import { connect } from './connection';

let shared: Promise<Connection> | undefined;

/**
 * A connection to a database that all tests of a file have one after the other, and which is empty again. Collections
 * and indexes stay: to make them costs more than most tests. What writes there must have ended.
 */
export async function connectToEmptied(): Promise<Connection> {
  const connection = await (shared ??= connect());
  await empty(connection);
  return connection;
}

/** Removes all documents of a database. */
export async function empty({ db }: Connection): Promise<void> {
  const collections = await db!.collections();
  await Promise.all(collections.map((collection) => collection.deleteMany({})));
}
