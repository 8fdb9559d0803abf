import { type Document } from 'bson';
import { MAX_MESSAGE_BYTES } from './wire';

/** Who this server says that it is. */
export interface ServerIdentity {
  /** `host:port`, as clients reach it. */
  address: string;
  /** The replica set whose only member and primary it is; `undefined` for a server on its own. */
  replicaSet: string | undefined;
}

/** The version of `mongod` whose commands and wire protocol this comes closest to. */
export const SERVER_VERSION = '7.0.0';
const WIRE_VERSION = 21; // MongoDB 7.0
const MAX_DOCUMENT_BYTES = 16_777_216;

/** The answer to `hello`: a primary from the first moment on. */
export function hello({ address, replicaSet }: ServerIdentity): Document {
  const membership = { setName: replicaSet, setVersion: 1, hosts: [address], me: address, primary: address };
  return {
    helloOk: true,
    ismaster: true,
    isWritablePrimary: true,
    secondary: false,
    ...(replicaSet !== undefined && membership),
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    minWireVersion: 0,
    maxWireVersion: WIRE_VERSION,
    readOnly: false,
    ok: 1,
  };
}

/** The answer to `buildInfo`. */
export function buildInfo(): Document {
  const versionArray = [...SERVER_VERSION.split('.').map(Number), 0];
  return {
    version: SERVER_VERSION,
    versionArray,
    gitVersion: 'express-audit-ledger: DocumentDB',
    modules: [],
    bits: 64,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    ok: 1,
  };
}

/** The answer to `replSetGetStatus`. */
export function replicaSetStatus({ address, replicaSet }: ServerIdentity): Document {
  const self = { _id: 0, name: address, health: 1, state: 1, stateStr: 'PRIMARY', self: true };
  return { set: replicaSet, date: new Date(), myState: 1, members: [self], ok: 1 };
}

/** The answer to `replSetGetConfig`. */
export function replicaSetConfig({ address, replicaSet }: ServerIdentity): Document {
  return { config: { _id: replicaSet, version: 1, members: [{ _id: 0, host: address }] }, ok: 1 };
}

/** The answer to `serverStatus`: that little which monitors of a test server read. */
export function serverStatus({ address }: ServerIdentity): Document {
  const uptime = process.uptime();
  return {
    host: address,
    version: SERVER_VERSION,
    process: 'mongod',
    pid: process.pid,
    uptime,
    localTime: new Date(),
    ok: 1,
  };
}

/** The answer to `connectionStatus`: there are no users here. */
export function connectionStatus(): Document {
  return { authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] }, ok: 1 };
}
