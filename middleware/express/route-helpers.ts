import {
  type AuditedOptions,
  checkAudited,
  checkReason,
  noteMark,
  recordWhenAnswered,
} from '../http/audited';
import { findScope } from '../http/request-scope';
import { marked } from '../http/route-marks';
import type { Request, RequestHandler, Response } from './types';

/** Options of `audited`. */
export type AuditedRouteOptions = AuditedOptions<[req: Request, res: Response]>;

/**
 * Middleware of a route: records an event once the route has answered, with the outcome that the status says: failures, too.
 * What it is given as functions is asked then. `auditMiddleware` must be mounted before it.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function audited(action: string, options: AuditedRouteOptions = {}): RequestHandler {
  const mark = checkAudited(action, options);
  const middleware: RequestHandler = (req, _res, next) => {
    recordWhenAnswered(findScope(req), action, options as AuditedOptions<never>);
    next();
  };
  return marked(middleware, mark);
}

/**
 * Middleware of a route that changes nothing worth an event: says why, for the report of `auditCoverage`.
 * @throws AuditError `INVALID_OPTIONS` without a reason.
 */
export function exempt(reason: string): RequestHandler {
  const exemption = checkReason('exempt', reason);
  const middleware: RequestHandler = (req, _res, next) => {
    noteMark(findScope(req), { exemption });
    next();
  };
  return marked(middleware, { exemption });
}

/**
 * Middleware of a route whose reads are to be recorded, too: says what it shows, for the report of `auditCoverage`.
 * @throws AuditError `INVALID_OPTIONS` without a reason.
 */
export function sensitive(reason: string): RequestHandler {
  const sensitivity = checkReason('sensitive', reason);
  const middleware: RequestHandler = (req, _res, next) => {
    noteMark(findScope(req), { sensitivity });
    next();
  };
  return marked(middleware, { sensitivity });
}
