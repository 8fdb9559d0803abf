import { type Connection, type Model, Schema } from 'mongoose';

interface Invite {
  email: string;
  role: string;
}

/** The business data of the applications. */
export function inviteModel(connection: Connection): Model<Invite> {
  return connection.model<Invite>('Invite', new Schema<Invite>({ email: String, role: String }));
}
