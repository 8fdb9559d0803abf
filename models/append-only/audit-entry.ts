import { type Connection, type Model, Schema, type SchemaDefinition } from 'mongoose';
import { ACTOR_TYPES, OUTCOMES } from '../../lib/vocabulary';
import { AuditError } from '../../lib/errors';
import { appendOnly, guardCollection } from './guard';
import { INDEXES } from '../indexes';

/** The collection that holds the entries of all tenants. */
export const ENTRIES = 'audit_entries';

const MODEL = 'AuditEntry';

const text = { type: String };
const requiredText = { ...text, required: true };
const instant = { type: Date, required: true };
const json = { type: Schema.Types.Mixed };

// Not `immutable`: Mongoose would strip such changes without a word, where the guard refuses them.
const members: SchemaDefinition = {
  _id: requiredText,
  v: { type: Number, required: true, enum: [1] },
  tenantId: requiredText,
  id: requiredText,
  seq: { type: Number, required: true, min: 1, validate: Number.isSafeInteger },
  occurredAt: instant,
  recordedAt: instant,
  actor: requiredText,
  actorType: { ...text, enum: ACTOR_TYPES },
  actorName: text,
  onBehalfOf: text,
  action: requiredText,
  resource: text,
  resourceType: text,
  resourceName: text,
  outcome: { ...requiredText, enum: OUTCOMES },
  context: json,
  metadata: json,
  before: json,
  after: json,
  commitments: json,
  prevHash: requiredText,
  hash: requiredText,
};

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
