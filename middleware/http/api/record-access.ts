import type { Ledger } from '../../../lib/ledger';
import { findScope } from '../request-scope';
import type { Admitted } from './admission';

/** Which reads of a trail are recorded: exports, all, or only exports whose file states that it was recorded. */
export const RECORD_ACCESS = ['exports', 'all', 'none'] as const;
export type RecordAccess = (typeof RECORD_ACCESS)[number];

/** The action of an entry that records a read. */
const READ_ACTION = 'audit.read';

/**
 * Records that somebody reads a trail, before they do. When this fails, they do not get the entries.
 * @param holder the object by which the request's scope is found
 * @param route which of the router's routes
 * @param query its parameters
 * @throws AuditError as `Audit.event` does.
 */
export async function recordRead(
  ledger: Ledger,
  holder: object,
  { tenantId, actor }: Admitted,
  { route, resource, query }: { route: string; resource: string | undefined; query: object },
): Promise<void> {
  const metadata = { route, ...(Object.keys(query).length > 0 && { query }) };
  const event = { tenantId, actor, resource, action: READ_ACTION, metadata };
  await ledger.record(event, findScope(holder) ?? null, 'ledger');
}
