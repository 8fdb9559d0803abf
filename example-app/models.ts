import { randomUUID } from 'node:crypto';
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

/** The application's models on a connection. */
export function modelsOn(connection: Connection) {
  return {
    User: connection.model('User', userSchema),
    Invitation: connection.model('Invitation', invitationSchema),
    ApiKey: connection.model('ApiKey', apiKeySchema),
    Contact: connection.model('Contact', contactSchema),
  };
}

export type Models = ReturnType<typeof modelsOn>;
