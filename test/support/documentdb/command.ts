import { type Document, deserialize } from 'bson';
import { firstElementName, pickElements } from './raw-bson';
import { type Request } from './wire';

// What a driver adds to every command for the server as a whole; DocumentDB refuses names that it does not know.
const SESSION_ARGUMENTS = new Set([
  '$db',
  '$clusterTime',
  '$readPreference',
  'lsid',
  'txnNumber',
  'autocommit',
  'startTransaction',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  'readConcern',
  'writeConcern',
  'comment',
  'maxTimeMS',
]);
// Arguments that may be megabytes long and that the gateway itself has no use for.
const BULK_ARGUMENTS = new Set(['documents', 'updates', 'deletes', 'pipeline', 'filter', 'query', 'update']);

/** DocumentDB has no database `config`, in which `mongod` keeps what it knows of shards. */
const CONFIG = 'stand_in_config';

/** A command as it came, with the little of it decoded that the gateway needs to know. */
export interface Command {
  /** In lower case, as `mongod` takes some names (`isMaster`, `ismaster`) in either. */
  name: string;
  database: string;
  /** `database.collection`, as the client knows it. */
  namespace: string;
  /** The value of the command's first field, where that is a collection's name. */
  collection: string;
  /** The small top-level arguments, decoded; `int64` as bigint. */
  arguments: Document;
  /** What DocumentDB gets: the command's bytes without the session's arguments. */
  spec: Buffer;
  /** The command's bytes as they came. */
  body: Buffer;
  sequences: ReadonlyMap<string, Buffer>;
}

/** Reads what the gateway needs to know out of a message. */
export function readCommand(request: Request): Command {
  const { body, sequences } = request;
  const name = firstElementName(body) ?? '';
  const decoded = deserialize(
    pickElements(body, (field) => field === name || !BULK_ARGUMENTS.has(field)),
    { useBigInt64: true },
  );
  const target: unknown = decoded[name];
  const collection = typeof target === 'string' ? target : '';
  const database = String(decoded['$db'] ?? 'admin');
  return {
    name: name.toLowerCase(),
    database: database === 'config' ? CONFIG : database,
    namespace: `${database}.${collection}`,
    collection,
    arguments: decoded,
    spec: pickElements(body, (field) => !SESSION_ARGUMENTS.has(field)),
    body,
    sequences,
  };
}
