import mongoose, { type Connection } from 'mongoose';
import { Audit, type Clock } from './lib/audit';
import { type LedgerOptions, parseOptions } from './lib/options';
import { MongoStore } from './models/mongo-store';

export interface AuditOptions<Action extends string = string> extends LedgerOptions<Action> {
  /** `mongoose.connection` when left out; it may still be connecting. */
  connection?: Connection | undefined;
}
export function createAudit<const Action extends string = string>(
  options: AuditOptions<Action> = {},
): Audit<Action> {
  const { connection = mongoose.connection, ...rest } = options;
  const clock: Clock = { now: Date.now, random: Math.random };
  return new Audit<Action>(
    new MongoStore(connection),
    parseOptions(rest, ['defaultTenant', 'actions', 'redact', 'limits', 'logger']),
    clock,
  );
}
