import mongoose, { type Model, Schema } from 'mongoose';

export interface Member {
  tenantId: string;
  email: string;
}

export interface Session {
  _id: string;
  user: string;
  createdAt: Date;
}

// Next loads this module several times, mongoose once.
export const Members = (mongoose.models.Member ??
  mongoose.model('Member', new Schema<Member>({ tenantId: String, email: String }))) as Model<Member>;

const DAY = 86_400;
export const Sessions = (mongoose.models.Session ??
  mongoose.model(
    'Session',
    new Schema<Session>({ _id: String, user: String, createdAt: { type: Date, expires: DAY } }),
  )) as Model<Session>;
