import type { MiddlewareHandler } from 'hono';
import type { KnownAction } from '../../lib/event/event';
import type { AuditedOptions } from '../http/audited';
import { findScope } from '../http/request-scope';
import { routeHelpers } from '../http/route-helpers';
import type { AnyContext } from './context';

/** Options of `audited`. */
export type AuditedRouteOptions = AuditedOptions<[c: AnyContext]>;

const helpers = routeHelpers<MiddlewareHandler>((enter) => (c, next) => {
  enter(findScope(c));
  return next();
});

/**
 * Middleware of a route: records an event once the route has answered, with the outcome that the status says: failures, too.
 * `auditMiddleware` must be used before it.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function audited(action: KnownAction, options: AuditedRouteOptions = {}): MiddlewareHandler {
  return helpers.audited(action, options as AuditedOptions<never>);
}

/** Middleware of a route that needs no event: says why. @throws AuditError `INVALID_OPTIONS` without a reason. */
export function exempt(reason: string): MiddlewareHandler {
  return helpers.exempt(reason);
}

/** Middleware of a route whose reads are recorded: says what it shows. @throws AuditError `INVALID_OPTIONS` without a reason. */
export function sensitive(reason: string): MiddlewareHandler {
  return helpers.sensitive(reason);
}
