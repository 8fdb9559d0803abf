import { type Audit, createAudit } from 'express-audit-ledger';
import type { Connection } from 'mongoose';

/** What the application records itself. Another name does not compile, and is refused. */
const ACTIONS = [
  'auth.login',
  'auth.logout',
  'org.member.invite',
  'org.member.role_change',
  'org.api_key.create',
  'contact.import',
] as const;

/** The application's trail, whose `event()` takes no other action than these. */
export type Ledger = Audit<(typeof ACTIONS)[number]>;

/** The application's audit trail, kept in its own database. */
export function createLedger(connection: Connection): Ledger {
  return createAudit({ connection, actions: ACTIONS });
}
