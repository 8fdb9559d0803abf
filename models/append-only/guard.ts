import type { Collection, Schema } from 'mongoose';
import { AuditError } from '../../lib/errors';

/** Query operations that change or remove documents. `findByIdAndUpdate` and the like call these. */
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

/** Methods of a collection that change or remove documents, its indexes or the collection itself. */
const CHANGING_CALLS = [
  ...CHANGING_QUERIES,
  'findAndModify',
  'save',
  'drop',
  'dropIndex',
  'dropIndexes',
  'rename',
] as const;

/** The methods that give a builder of changes, not a promise. */
const CHANGE_BUILDERS = ['initializeOrderedBulkOp', 'initializeUnorderedBulkOp'] as const;

const GUARDED = Symbol.for('express-audit-ledger.guarded');

/**
 * Makes a schema append-only: hooks refuse each change with `APPEND_ONLY`. Hooks are not enough, because
 * `{ middleware: false }` skips them, so `guardCollection` is needed too.
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
 * Makes the methods of Mongoose's collection object refuse what would change or remove an entry. Mongoose has one such
 * object for each connection and collection name, so this also covers a second model on the collection,
 * `connection.collection()` and calls that skip hooks. What gives a promise rejects: `.catch()` must see the refusal.
 */
export function guardCollection(collection: Collection): void {
  const guarded = collection as unknown as Record<string | symbol, unknown>;
  if (guarded[GUARDED]) return;
  guarded[GUARDED] = true;
  for (const call of CHANGING_CALLS) guarded[call] = () => Promise.reject(refusal(call));
  for (const call of CHANGE_BUILDERS) guarded[call] = () => refuse(call);
  beforePromise(guarded, 'bulkWrite', ([operations]) => assertInsertsOnly(operations));
  guardAggregate(guarded);
  beforePromise(guarded, 'createIndex', ([, options]) => assertNoExpiry([options]));
  beforePromise(guarded, 'createIndexes', ([indexes]) => assertNoExpiry(indexes));
}

/** A pipeline can also write through the option `out`, or through a stage that is added to its cursor later. */
function guardAggregate(guarded: Record<string | symbol, unknown>): void {
  const aggregate = guarded['aggregate'] as (pipeline: unknown, options: unknown) => unknown;
  guarded['aggregate'] = (pipeline: unknown, options: unknown) => {
    assertReadOnly(pipeline);
    if (isObjectOrArray(options) && options['out'] !== undefined)
      throw refusal('aggregate with the option out');
    const stages: unknown = Array.isArray(pipeline) ? pipeline.slice() : pipeline;
    return guardCursor(aggregate.call(guarded, stages, options));
  };
}

function guardCursor(cursor: unknown): unknown {
  if (!isObjectOrArray(cursor)) return cursor;
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

/** `before` a call that gives a promise. */
function beforePromise(
  object: Record<string | symbol, unknown>,
  call: string,
  check: (args: unknown[]) => void,
): void {
  before(object, call, check);
  const checked = object[call] as (...args: unknown[]) => Promise<unknown>;
  object[call] = async (...args: unknown[]) => checked(...args);
}

function assertInsertsOnly(operations: unknown): void {
  const others = asArray(operations).filter((operation) => !isInsert(operation));
  if (others.length === 0) return;
  const names = others.flatMap((operation) => (isObjectOrArray(operation) ? Object.keys(operation) : []));
  throw refusal(`bulkWrite with ${[...new Set(names)].join(', ')}`);
}

/** An operation must have one kind: of `{ insertOne, deleteOne }`, Mongoose may check one and the driver do the other. */
function isInsert(operation: unknown): boolean {
  return isObjectOrArray(operation) && 'insertOne' in operation && Object.keys(operation).length === 1;
}

function assertReadOnly(pipeline: unknown): void {
  const stage = asArray(pipeline)
    .flatMap(stageNames)
    .find((name) => name === '$out' || name === '$merge');
  if (stage !== undefined) throw refusal(`aggregate with ${stage}`);
}

/** The names in a stage after its conversion to BSON. */
function stageNames(stage: unknown): string[] {
  if (stage instanceof Map) return [...stage.keys()].map(String);
  if (!isObjectOrArray(stage)) return [];
  const { toBSON } = stage as { toBSON?: () => unknown };
  return typeof toBSON === 'function' ? stageNames(toBSON.call(stage)) : Object.keys(stage);
}

/** A TTL index deletes old entries, and no database role prevents that. */
function assertNoExpiry(indexes: unknown): void {
  const expiring = asArray(indexes).some(
    (index) => isObjectOrArray(index) && index['expireAfterSeconds'] !== undefined,
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

/** Not `isObject` of lib/util: the driver also reads members of an array, such as a method `toBSON`. */
function isObjectOrArray(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
