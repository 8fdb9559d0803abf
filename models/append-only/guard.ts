import type { Collection, Schema } from 'mongoose';
import { AuditError } from '../../lib/errors';

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
  guardAggregate(guarded);
  before(guarded, 'createIndex', ([, options]) => assertNoExpiry([options]));
  before(guarded, 'createIndexes', ([indexes]) => assertNoExpiry(indexes));
}

/** A pipeline may also be told to write by the option `out`, and by its cursor later. */
function guardAggregate(guarded: Record<string | symbol, unknown>): void {
  const aggregate = guarded['aggregate'] as (pipeline: unknown, options: unknown) => unknown;
  guarded['aggregate'] = (pipeline: unknown, options: unknown) => {
    assertReadOnly(pipeline);
    if (isObject(options) && options['out'] !== undefined) throw refusal('aggregate with the option out');
    const stages: unknown = Array.isArray(pipeline) ? pipeline.slice() : pipeline;
    return guardCursor(aggregate.call(guarded, stages, options));
  };
}

function guardCursor(cursor: unknown): unknown {
  if (!isObject(cursor)) return cursor;
  before(cursor, 'addStage', (stages) => assertReadOnly(stages));
  const clone = cursor['clone'] as () => unknown;
  cursor['clone'] = () => guardCursor(clone.call(cursor));
  return cursor;
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
  const others = asArray(operations).filter((operation) => !isInsert(operation));
  if (others.length === 0) return;
  const names = others.flatMap((operation) => (isObject(operation) ? Object.keys(operation) : []));
  throw refusal(`bulkWrite with ${[...new Set(names)].join(', ')}`);
}

/** Mongoose and the driver look for the kinds of operation in different orders: there must be no second one. */
function isInsert(operation: unknown): boolean {
  return isObject(operation) && 'insertOne' in operation && Object.keys(operation).length === 1;
}

function assertReadOnly(pipeline: unknown): void {
  const stage = asArray(pipeline)
    .flatMap(stageNames)
    .find((name) => name === '$out' || name === '$merge');
  if (stage !== undefined) throw refusal(`aggregate with ${stage}`);
}

/** The members that a stage has once it is BSON. */
function stageNames(stage: unknown): string[] {
  if (stage instanceof Map) return [...stage.keys()].map(String);
  if (!isObject(stage)) return [];
  const { toBSON } = stage as { toBSON?: () => unknown };
  return typeof toBSON === 'function' ? stageNames(toBSON.call(stage)) : Object.keys(stage);
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
