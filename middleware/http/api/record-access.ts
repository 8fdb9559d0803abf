import type { Request } from 'express';
import type { Ledger } from '../../../lib/ledger';
import { firstCodePoints, TEXT_LIMIT } from '../../../lib/event/size-limit';
import { findScope } from '../request-scope';
import type { Admitted } from './admission';

/** Which looks at a trail are entries of it: exports, all, or none but those that a file states of itself. */
export const RECORD_ACCESS = ['exports', 'all', 'none'] as const;
export type RecordAccess = (typeof RECORD_ACCESS)[number];

/** What the entry of somebody who read a trail is called. */
const READ_ACTION = 'audit.read';

/**
 * Records that somebody reads a trail, before they do: what cannot be recorded is not shown.
 * @param route which of the router's routes
 * @param query its parameters
 * @throws AuditError as `Audit.event` does.
 */
export async function recordRead(
  ledger: Ledger,
  req: Request,
  { tenantId, actor }: Admitted,
  { route, resource, query }: { route: string; resource: string | undefined; query: object },
): Promise<void> {
  const metadata = { route, ...(Object.keys(query).length > 0 && { query }) };
  // No entry has a longer name; that somebody asked for one is recorded all the same.
  const named = resource && firstCodePoints(resource, TEXT_LIMIT);
  const event = { tenantId, actor, resource: named, action: READ_ACTION, metadata };
  await ledger.record(event, findScope(req) ?? null, 'ledger');
}
