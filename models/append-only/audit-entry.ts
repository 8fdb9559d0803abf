import { type Connection, type Model, Schema, type SchemaDefinition } from 'mongoose';
import { byMember } from '../../lib/chain/members';
import { ACTOR_TYPES, OUTCOMES } from '../../lib/vocabulary';
import { collectionNames } from '../collections';
import { appendOnly, guardCollection } from './guard';
import { INDEXES } from '../indexes';

/** The collection that holds the entries of all tenants, unless the ledger is given another prefix. */
export const ENTRIES = collectionNames().entries;

const text = { type: String };
const json = { type: Schema.Types.Mixed };

// Not `immutable`: Mongoose would strip such changes without a word, where the guard refuses them.
const definitions = byMember<object>({
  version: { type: Number, enum: [1] },
  text,
  seq: { type: Number, min: 1, validate: Number.isSafeInteger },
  instant: { type: Date },
  hash: text,
  outcome: { ...text, enum: OUTCOMES },
  actorType: { ...text, enum: ACTOR_TYPES },
  object: json,
  json,
  commitments: json,
});

const members = {
  _id: { ...text, required: true },
  ...Object.fromEntries(
    definitions.map(([name, { isRequired }, definition]) => [
      name,
      isRequired ? { ...definition, required: true } : definition,
    ]),
  ),
} as SchemaDefinition;

/**
 * The model of the entries in a collection, write-once, made if it is not there. Its name is one that no application
 * gives to a model of its own.
 */
export function auditEntryModel(connection: Connection, collection = ENTRIES): Model<unknown> {
  guardCollection(connection.collection(collection));
  const name = `express-audit-ledger:${collection}`;
  const existing = connection.models[name] as Model<unknown> | undefined;
  return existing ?? connection.model<unknown>(name, schema(collection));
}

function schema(collection: string): Schema {
  const entries = new Schema(members, {
    collection,
    strict: 'throw',
    // Empty objects are part of what is hashed.
    minimize: false,
    versionKey: false,
    id: false,
    // Before its first write the ledger makes the indexes itself, or finds out that it must not write.
    autoIndex: false,
    autoCreate: false,
  });
  for (const { key, unique } of INDEXES) entries.index(key, unique ? { unique } : {});
  entries.plugin(appendOnly);
  return entries;
}
