import type { KnownAction } from '../../lib/event/event';
import type { AuditedOptions } from '../http/audited';
import { findScope } from '../http/request-scope';
import { routeHelpers } from '../http/route-helpers';
import type { Request, RequestHandler, Response } from './types';

/** Options of `audited`. */
export type AuditedRouteOptions = AuditedOptions<[req: Request, res: Response]>;

const helpers = routeHelpers<RequestHandler>((enter) => (req, _res, next) => {
  enter(findScope(req));
  next();
});

/**
 * Middleware of a route: records an event once the route has answered, with the outcome that the status says: failures, too.
 * What it is given as functions is asked then. `auditMiddleware` must be mounted before it.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function audited(action: KnownAction, options: AuditedRouteOptions = {}): RequestHandler {
  return helpers.audited(action, options as AuditedOptions<never>);
}

/**
 * Middleware of a route that changes nothing worth an event: says why, for the report of `auditCoverage`.
 * @throws AuditError `INVALID_OPTIONS` without a reason.
 */
export function exempt(reason: string): RequestHandler {
  return helpers.exempt(reason);
}

/**
 * Middleware of a route whose reads are to be recorded, too: says what it shows, for the report of `auditCoverage`.
 * @throws AuditError `INVALID_OPTIONS` without a reason.
 */
export function sensitive(reason: string): RequestHandler {
  return helpers.sensitive(reason);
}
