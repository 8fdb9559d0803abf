import { toCallerNetwork } from '../../../lib/event/caller-network';
import type { AuditEvent } from '../../../lib/event/event';
import type { Ledger } from '../../../lib/ledger';
import { scopeOf } from '../../../lib/scope';
import { SYSTEM_TENANT } from '../../../lib/vocabulary';
import { refusalAction } from '../capture';
import { actorKey, type KnownIdentity } from '../identity';
import { findScope, scopeOfLedger } from '../request-scope';
import type { Asked } from './asked';

/** The scopes of a request, the innermost first: with the middleware of two ledgers there are two. */
function scopesOf({ holder }: Asked) {
  const scopes = [];
  for (let scope = findScope(holder); scope; scope = scope.outer) scopes.push(scope);
  return scopes;
}

/** Nothing is captured of a request for the trail, unless it is refused. */
export function silence(asked: Asked): void {
  for (const scope of scopesOf(asked)) scope.silent = true;
}

/**
 * Records a refused look at a trail as any other refused request, many in one entry: in the chain of the tenant that asked,
 * or in the ledger's own where that is unknown; never in that of the trail which was asked for, or outsiders could fill it.
 * Where the application captures requests, that does it, as it does for others.
 * @param route the pattern of the path below the mount
 */
export function recordRefusal(
  ledger: Ledger,
  asked: Asked,
  { actor, tenantId }: KnownIdentity,
  { route, status }: { route: string; status: number },
): void {
  for (const scope of scopesOf(asked)) scope.refused = true;
  const own = scopeOfLedger(ledger, findScope(asked.holder));
  if (own) return own.identified({ actor, tenantId });
  const action = refusalAction(status);
  const { address, method } = asked;
  const context = {
    ipAddress: address,
    userAgent: asked.header('user-agent'),
    method,
    route,
    statusCode: status,
  };
  const event: AuditEvent = { action, outcome: 'denied' };
  const key = {
    tenantId: tenantId ?? ledger.defaultTenant ?? SYSTEM_TENANT,
    action,
    actor: actorKey(actor),
    network: toCallerNetwork(address ?? ''),
    route,
  };
  ledger.captured.fold(key, event, scopeOf({ actor, context }));
}
