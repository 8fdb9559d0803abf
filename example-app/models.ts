import { randomUUID } from 'node:crypto';
import { type Audit, auditChanges } from 'express-audit-ledger';
import { type Connection, Schema } from 'mongoose';

/** What a user may be within the tenant. */
export const ROLES = ['admin', 'member'] as const;
export type Role = (typeof ROLES)[number];

const text = { type: String, required: true };
const role = { type: String, enum: ROLES, required: true };
const id = { type: String, default: () => randomUUID() as string };
/** Whose document it is: every query for more than one user's own names it. */
const tenantId = { ...text, index: true };

const userSchema = new Schema({
  _id: id,
  tenantId,
  email: { ...text, unique: true, lowercase: true },
  name: text,
  role,
  passwordHash: { ...text, select: false },
});

const invitationSchema = new Schema({ _id: id, tenantId, email: text, role }, { timestamps: true });

const apiKeySchema = new Schema(
  { _id: id, tenantId, name: text, prefix: text, secretHash: { ...text, select: false } },
  { timestamps: true },
);

const contactSchema = new Schema({ _id: id, tenantId, name: text, email: text });

export function usersOn(connection: Connection) {
  return connection.model('User', userSchema);
}

/** Contacts are personal data, and entries stay for ever: an entry names a contact, and says nothing of it. */
const recorded = { name: 'contact', action: 'contact.import', tenant: 'tenantId', only: ['tenantId'] };

function contactsOn(connection: Connection, audit?: Audit) {
  const schema = contactSchema.clone();
  if (audit) schema.plugin(auditChanges, { ...recorded, audit });
  const make = () => connection.model('Contact', schema);
  return (connection.models['Contact'] as ReturnType<typeof make> | undefined) ?? make();
}

/**
 * The application's models on a connection.
 * @param audit where new contacts are recorded
 */
export function modelsOn(connection: Connection, audit?: Audit) {
  return {
    User: usersOn(connection),
    Invitation: connection.model('Invitation', invitationSchema),
    ApiKey: connection.model('ApiKey', apiKeySchema),
    Contact: contactsOn(connection, audit),
  };
}

export type Models = ReturnType<typeof modelsOn>;
