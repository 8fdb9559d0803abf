import type { Connection, mongo } from 'mongoose';
import { isObject } from '../lib/util/complaints';
import { collectionNames } from './collections';
import { inspectIndexes } from './indexes';
import { withTimeLimit } from './store/time-limit';

/** What a database says of itself; null where it does not say it, or not to this user. */
export interface DatabaseFacts {
  version: string | null;
  /** Of the replica set; null of a single server. */
  replicaSet: string | null;
  isSharded: boolean;
  /** Servers of the replica set that hold data. */
  members: number | null;
  /** How far its clock is ahead of this machine's, in milliseconds. */
  clockAheadMs: number | null;
  /** What may be done with the entries beyond reading and adding: empty where nothing may. */
  changes: string[] | null;
  /** Whether users have to sign in. */
  isAuthenticated: boolean | null;
  /** Null where there are no entries yet. */
  entries: EntriesFacts | null;
}

/** What is known of the collection of the entries. */
export interface EntriesFacts {
  missingIndexes: string[];
  /** Indexes that delete by time. */
  expiringIndexes: string[];
  /** Another order or equality of texts than that of their bytes. */
  collation: string | null;
  isCapped: boolean;
  count: number;
  /** Bytes on disk with the indexes; null where it is not said. */
  bytes: number | null;
}

/** Commands of a user that would change or remove entries. */
const CHANGES = [
  'update',
  'remove',
  'dropCollection',
  'createIndex',
  'dropIndex',
  'collMod',
  'convertToCapped',
];

/** How long a question may take, in milliseconds. */
const PATIENCE = 10_000;

type Document = Record<string, unknown>;

/** Asks a database what it is, and writes nothing. What it refuses to say is null. */
export async function inspectDatabase(connection: Connection, prefix?: string): Promise<DatabaseFacts> {
  const db = connection.db as mongo.Db;
  const names = collectionNames(prefix);
  const begun = Date.now();
  const hello = await answer(db.admin().command({ hello: 1 }));
  const middle = (begun + Date.now()) / 2;
  const build = await answer(db.admin().command({ buildInfo: 1 }));
  const status = await answer(db.admin().command({ connectionStatus: 1, showPrivileges: true }));
  const localTime: unknown = hello?.['localTime'];
  const hosts: unknown = hello?.['hosts'];
  return {
    version: textOf(build?.['version']),
    replicaSet: textOf(hello?.['setName']),
    isSharded: hello?.['msg'] === 'isdbgrid',
    members: Array.isArray(hosts) ? hosts.length : null,
    clockAheadMs: localTime instanceof Date ? Math.round(localTime.getTime() - middle) : null,
    ...rightsIn(status, db.databaseName, names.entries),
    entries: await inspectEntries(db, names.entries),
  };
}

async function inspectEntries(db: mongo.Db, name: string): Promise<EntriesFacts | null> {
  const [found] = (await answer(db.listCollections({ name }).toArray())) ?? [];
  if (!found) return null;
  const { options = {} } = found as { options?: Document };
  const collection = db.collection(name);
  const { missing, expiring } = await inspectIndexes(collection);
  const [stats] =
    (await answer(collection.aggregate([{ $collStats: { storageStats: {} } }]).toArray())) ?? [];
  const storage: unknown = stats?.['storageStats'];
  const collation = isObject(options['collation']) ? options['collation']['locale'] : undefined;
  return {
    missingIndexes: missing.map(({ key }) => Object.keys(key).join(', ')),
    expiringIndexes: expiring,
    collation: collation === undefined || collation === 'simple' ? null : textOf(collation),
    isCapped: options['capped'] === true,
    count: (await answer(collection.estimatedDocumentCount())) ?? 0,
    bytes: isObject(storage) ? numberOf(storage['totalSize']) : null,
  };
}

function rightsIn(
  status: Document | null,
  db: string,
  collection: string,
): Pick<DatabaseFacts, 'changes' | 'isAuthenticated'> {
  const info = status?.['authInfo'];
  if (!isObject(info) || !Array.isArray(info['authenticatedUsers']))
    return { changes: null, isAuthenticated: null };
  const isAuthenticated = info['authenticatedUsers'].length > 0;
  const privileges = info['authenticatedUserPrivileges'];
  if (!isAuthenticated || !Array.isArray(privileges)) return { changes: null, isAuthenticated };
  const actions = privileges.flatMap((privilege: { resource?: Document; actions?: unknown }) =>
    isAbout(privilege.resource ?? {}, db, collection) ? (privilege.actions as string[]) : [],
  );
  return { isAuthenticated, changes: CHANGES.filter((action) => actions.includes(action)) };
}

/** An empty name stands for all. */
function isAbout(resource: Document, db: string, collection: string): boolean {
  if (resource['anyResource'] === true) return true;
  const isOf = (name: unknown, given: string): boolean => name === '' || name === given;
  return isOf(resource['db'], db) && isOf(resource['collection'], collection);
}

async function answer<T>(asked: Promise<T>): Promise<T | null> {
  return withTimeLimit(asked, PATIENCE).catch(() => null);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
