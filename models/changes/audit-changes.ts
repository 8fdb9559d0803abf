import type { Connection, Model } from 'mongoose';
import { AuditError } from '../../lib/errors';
import { RECONCILED } from '../../lib/reconcile';
import { oneAudit } from '../one-audit';
import { reconcile } from '../reconcile/reconcile';
import type { Registration } from '../reconcile/watched';
import { ChangeRecorder } from './change-recorder';
import { type ChangeOptions, checkChangeOptions } from './options';
import { optionsAt, WRITES } from './watched-writes';
import type { Native } from './work';

/** Where Mongoose keeps the collection: for `save` of a document, for batches, and for queries. Its types declare no name. */
const OF_SAVES = 'mongoose#Model#collection';
const OF_BATCHES = '$__collection';
const OF_QUERIES = 'mongooseCollection';

/** What Mongoose emits when a model is made of a schema. */
interface EmittingSchema {
  on(event: 'init', listener: (model: AnyModel) => void): unknown;
}

type AnyModel = Model<never> & Record<string, unknown>;

/** Models whose writes are recorded. */
const recorders = new WeakMap<object, ChangeRecorder>();

/**
 * A plugin for schemas of Mongoose: each write of their models gives one event for each document that changed, with its
 * states before and after as the database has them, in the same transaction. Docs: docs/complete.md.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function auditChanges(schema: object, options: ChangeOptions): void {
  const parsed = checkChangeOptions(options);
  (schema as EmittingSchema).on('init', (model) => watchModel(model, parsed));
}

/**
 * Mongoose's own hooks see neither what Mongoose has made of a write nor what came of it, and not every write has one. All
 * writes end at these references to the collection; what an application does with `Model.collection` does not.
 */
function watchModel(model: AnyModel, options: ChangeOptions): void {
  if (recorders.has(model)) return;
  const recorder = new ChangeRecorder(model, options, oneAudit);
  recorders.set(model, recorder);
  const registration: Registration = { options, reconcile, keeping: () => recorder.ledger };
  Object.defineProperty(model, RECONCILED, { configurable: true, value: registration });
  const symbol = Object.getOwnPropertySymbols(model.prototype).find(
    ({ description }) => description === OF_SAVES,
  );
  if (symbol === undefined || !(OF_BATCHES in model)) {
    const mend = 'use Mongoose 8 or 9, or report this';
    throw new AuditError('INVALID_OPTIONS', `auditChanges cannot watch this version of Mongoose: ${mend}.`);
  }
  watchSaves(model, symbol);
  watchReference(model, OF_BATCHES, (native) => watched(model, native), {
    // `useConnection` removes and sets both.
    assigned: () => watchSaves(model, symbol),
    elsewhere: (other) => watchModel(other as AnyModel, options),
  });
  watchQueries(model);
  watchDiscriminators(model, options);
  refuseBatchesOfAll(model.db);
}

function watchSaves(model: AnyModel, symbol: symbol): void {
  const { prototype } = model as { prototype: object };
  if (Object.getOwnPropertyDescriptor(prototype, symbol)?.get) return;
  watchReference(prototype, symbol, (native) => watched(model, native), {});
}

/** Puts a watched collection in place of a reference to one, and of each that is assigned later. */
function watchReference(
  holder: object,
  name: string | symbol,
  watch: (native: Native) => Native,
  { assigned, elsewhere }: { assigned?: () => void; elsewhere?: (other: object) => void },
): void {
  let current = watch(Reflect.get(holder, name) as Native);
  Object.defineProperty(holder, name, {
    configurable: true,
    enumerable: true,
    get: () => current,
    set(this: object, native: Native) {
      if (this === holder) {
        current = watch(native);
        assigned?.();
        return;
      }
      // A subclass inherits this setter: the collection is its own.
      Object.defineProperty(this, name, {
        configurable: true,
        enumerable: true,
        writable: true,
        value: native,
      });
      elsewhere?.(this);
    },
  });
}

/** The collections of queries: some are made with the one that `Model.collection` is. */
function watchQueries(model: AnyModel): void {
  const { prototype } = model['Query'] as { prototype: object };
  if (Object.hasOwn(prototype, OF_QUERIES)) return;
  const collections = new WeakMap<object, Native>();
  Object.defineProperty(prototype, OF_QUERIES, {
    configurable: true,
    get(this: object) {
      return collections.get(this);
    },
    set(this: object, native: Native) {
      collections.set(this, watched(model, native));
    },
  });
}

const watchedOnes = new WeakSet<Native>();

/** The collection as the model writes to it. */
function watched(model: AnyModel, native: Native): Native {
  if (watchedOnes.has(native)) return native;
  const recorder = recorders.get(model) as ChangeRecorder;
  const one = new Proxy(native, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (typeof name !== 'string' || !WRITES.has(name)) return value.bind(target) as unknown;
      return (...args: unknown[]) =>
        isExplained(name, args)
          ? (Reflect.apply(value, target, args) as unknown)
          : recorder.write(target, name, args);
    },
  });
  watchedOnes.add(one);
  return one;
}

/** What is only to be explained writes nothing. */
function isExplained(method: string, args: readonly unknown[]): boolean {
  const { explain } = (args[optionsAt(method)] ?? {}) as { explain?: unknown };
  return explain !== undefined && explain !== false;
}

/** The schemas of discriminators have the hooks of their base, but not its plugins. */
function watchDiscriminators(model: AnyModel, options: ChangeOptions): void {
  for (const made of Object.values((model.discriminators ?? {}) as object))
    watchModel(made as AnyModel, options);
  const { discriminator } = model as { discriminator: (...args: unknown[]) => AnyModel };
  Object.defineProperty(model, 'discriminator', {
    configurable: true,
    writable: true,
    value(this: unknown, ...args: unknown[]) {
      const made = discriminator.apply(this, args);
      watchModel(made, options);
      return made;
    },
  });
}

const refusing = new WeakSet<Connection>();

/** `connection.bulkWrite` writes to several collections by a command that passes by all models. */
function refuseBatchesOfAll(connection: Connection): void {
  const own = (connection as { bulkWrite?: (...args: unknown[]) => Promise<unknown> }).bulkWrite;
  if (refusing.has(connection) || typeof own !== 'function') return;
  refusing.add(connection);
  const bulkWrite = async (ops: unknown, ...rest: unknown[]): Promise<unknown> => {
    for (const { model } of ops as readonly { model?: unknown }[]) {
      const named = typeof model === 'string' ? connection.models[model] : model;
      if (!named || !recorders.has(named)) continue;
      const mend = 'use bulkWrite of the model';
      const what = `connection.bulkWrite would change ${(named as AnyModel).modelName} unseen by auditChanges`;
      throw new AuditError('INVALID_OPTIONS', `${what}: ${mend}.`);
    }
    return own.call(connection, ops, ...rest);
  };
  Object.defineProperty(connection, 'bulkWrite', { configurable: true, writable: true, value: bulkWrite });
}
