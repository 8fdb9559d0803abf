import { type Connection, type Model, Schema, type SchemaDefinition } from 'mongoose';
import { byMember } from '../../lib/chain/members';
import { ACTOR_TYPES, OUTCOMES } from '../../lib/vocabulary';
import { AuditError } from '../../lib/errors';
import { appendOnly, guardCollection } from './guard';
import { INDEXES } from '../indexes';

/** The collection that holds the entries of all tenants. */
export const ENTRIES = 'audit_entries';

const MODEL = 'AuditEntry';

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

/** The model of the entries on a connection, write-once, made if it is not there. */
export function auditEntryModel(connection: Connection): Model<unknown> {
  guardCollection(connection.collection(ENTRIES));
  const existing = connection.models[MODEL] as Model<unknown> | undefined;
  if (!existing) return connection.model<unknown>(MODEL, schema());
  if (existing.collection.collectionName === ENTRIES) return existing;
  const mend = `give that model another name, or the ledger a connection of its own`;
  throw new AuditError('INVALID_OPTIONS', `The connection has another model called ${MODEL}: ${mend}.`);
}

function schema(): Schema {
  const entries = new Schema(members, {
    collection: ENTRIES,
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
