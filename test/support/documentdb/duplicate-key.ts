import { type Document, deserialize } from 'bson';
import { inShellNotation } from './shell-notation';

/** The fields that say in `mongod`'s words which unique index refused what. */
export interface DuplicateKey extends Document {
  errmsg: string;
  keyPattern: Document;
  keyValue: Document;
}

/** Where a document was refused. */
export interface RefusingIndex {
  /** `database.collection` */
  namespace: string;
  name: string;
  keyPattern: Document;
}

/** `mongod`'s account of a duplicate key: `document`, or what is known of it, against a unique index. */
export function describeDuplicateKey(index: RefusingIndex, document: Document): DuplicateKey {
  const { namespace, name, keyPattern } = index;
  const keyValue = Object.fromEntries(Object.keys(keyPattern).map((path) => [path, valueAt(document, path)]));
  const errmsg = `E11000 duplicate key error collection: ${namespace} index: ${name} dup key: ${inShellNotation(keyValue)}`;
  return { errmsg, keyPattern, keyValue };
}

/** What an index holds for a path: the value there, and null where there is none. */
function valueAt(document: Document, path: string): unknown {
  if (path in document) return document[path];
  const [head = '', ...rest] = path.split('.');
  const inner: unknown = document[head];
  if (rest.length === 0 || typeof inner !== 'object' || inner === null) return null;
  return valueAt(inner, rest.join('.'));
}

const INDEX_IN_WRITE_ERROR = /Index '(.*)'/;

/** The index that DocumentDB names in a write error's message. */
export const indexNamedIn = (message: string): string | undefined => INDEX_IN_WRITE_ERROR.exec(message)?.[1];

/** What PostgreSQL tells about a duplicate key where DocumentDB lets its error through (findAndModify, index builds). */
export interface ConstraintViolation {
  /** DocumentDB's number of the index; `undefined` for the index on `_id`. */
  indexId: string | undefined;
  keyPattern: Document;
  /** Of the refused document, at least what the index covers. */
  document: Document;
}

const PRIMARY_KEY = /^Key \(shard_key_value, object_id\)=\([^,]*, BSONHEX([0-9a-f]+)\)/;
const UNIQUE_INDEX = /'BSONHEX([0-9a-f]+)'[^)]*\)\)=\(BSONHEX([0-9a-f]+),/;

/** Reads the detail and the constraint's name of an error with SQLSTATE 23505 or 23P01. */
export function readConstraintViolation(detail: string, constraint: string): ConstraintViolation | undefined {
  const id = PRIMARY_KEY.exec(detail)?.[1];
  if (id)
    return { indexId: undefined, keyPattern: { _id: 1 }, document: { _id: fromHex(id)[''] as unknown } };
  const [, pattern, document] = UNIQUE_INDEX.exec(detail) ?? [];
  if (!pattern || !document) return undefined;
  const indexId = /_index_(\d+)$/.exec(constraint)?.[1];
  return { indexId, keyPattern: fromHex(pattern), document: fromHex(document) };
}

const fromHex = (hex: string): Document => deserialize(Buffer.from(hex, 'hex'), { promoteValues: false });
