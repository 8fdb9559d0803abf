import type { Collection, Schema } from 'mongoose';
import { AuditError } from '../lib/errors';

/** Query operations that change or remove documents; the `findByIdAnd…` calls are these, too. */
const CHANGING_QUERIES = [
  'updateOne',
  'updateMany',
  'replaceOne',
  'findOneAndUpdate',
  'findOneAndReplace',
  'findOneAndDelete',
  'deleteOne',
  'deleteMany',
] as const;

/** The same and others on a collection, with what drops it, its indexes, or its documents in bulk. */
const CHANGING_CALLS = [
  ...CHANGING_QUERIES,
  'findAndModify',
  'save',
  'drop',
  'dropIndex',
  'dropIndexes',
  'rename',
  'initializeOrderedBulkOp',
  'initializeUnorderedBulkOp',
] as const;

const GUARDED = Symbol.for('express-audit-ledger.guarded');

/**
 * Makes a schema write-once: each hook refuses with `APPEND_ONLY`. Hooks alone are a weak guard, since
 * `{ middleware: false }` skips them; `guardCollection` is the other half.
 */
export function appendOnly(schema: Schema): void {
  schema.pre([...CHANGING_QUERIES], { document: true, query: true }, function () {
    throw refusal((this as { op?: string }).op ?? 'deleteOne');
  });
  schema.pre('save', function () {
    if (!this.isNew) throw refusal('save');
  });
  schema.pre('bulkWrite', function (operations) {
    assertInsertsOnly(operations);
  });
  schema.pre('aggregate', function () {
    assertReadOnly(this.pipeline());
  });
}

/**
 * Refuses on the collection that Mongoose holds what would change or remove an entry. It holds one for each connection
 * and name, so that a second model on the collection, `connection.collection()` and calls without hooks meet it, too.
 */
export function guardCollection(collection: Collection): void {
  const guarded = collection as unknown as Record<string | symbol, unknown>;
  if (guarded[GUARDED]) return;
  guarded[GUARDED] = true;
  for (const call of CHANGING_CALLS) guarded[call] = () => refuse(call);
  before(guarded, 'bulkWrite', ([operations]) => assertInsertsOnly(operations));
  before(guarded, 'aggregate', ([pipeline]) => assertReadOnly(pipeline));
  before(guarded, 'createIndex', ([, options]) => assertNoExpiry([options]));
  before(guarded, 'createIndexes', ([indexes]) => assertNoExpiry(indexes));
}

function before(
  object: Record<string | symbol, unknown>,
  call: string,
  check: (args: unknown[]) => void,
): void {
  const original = object[call] as (...args: unknown[]) => unknown;
  object[call] = (...args: unknown[]) => {
    check(args);
    return original.apply(object, args);
  };
}

function assertInsertsOnly(operations: unknown): void {
  const other = asArray(operations).find((operation) => !isObject(operation) || !('insertOne' in operation));
  if (other !== undefined) throw refusal(`bulkWrite with ${Object.keys(other as object).join(', ')}`);
}

function assertReadOnly(pipeline: unknown): void {
  const writing = asArray(pipeline).flatMap((stage) => (isObject(stage) ? Object.keys(stage) : []));
  const stage = writing.find((name) => name === '$out' || name === '$merge');
  if (stage !== undefined) throw refusal(`aggregate with ${stage}`);
}

/** A TTL index deletes the beginning of chains, and no database role stops it. */
function assertNoExpiry(indexes: unknown): void {
  const expiring = asArray(indexes).some(
    (index) => isObject(index) && index['expireAfterSeconds'] !== undefined,
  );
  if (expiring) throw refusal('createIndex with expireAfterSeconds');
}

function refuse(call: string): never {
  throw refusal(call);
}

function refusal(call: string): AuditError {
  const mend = 'Record a further event that says what is different';
  return new AuditError(
    'APPEND_ONLY',
    `${call} was refused: audit entries are never changed or removed. ${mend}.`,
  );
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
