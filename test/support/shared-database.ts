import { type Database, shareDatabaseUri } from './database';
import { startDatabase } from './database-server';

// Jest loads its set-up and its teardown as two modules of one process.
const holder = globalThis as { auditTestDatabase?: Database | undefined };

/** Starts the database that all tests of a run share. */
export async function startSharedDatabase(): Promise<void> {
  holder.auditTestDatabase = await startDatabase();
  shareDatabaseUri(holder.auditTestDatabase.uri);
}

/** Ends the database that all tests of a run have shared. */
export async function closeSharedDatabase(): Promise<void> {
  await holder.auditTestDatabase?.close();
  holder.auditTestDatabase = undefined;
}
