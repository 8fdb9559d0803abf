import type { MiddlewareHandler } from 'hono';
import {
  type AuditedOptions,
  checkAudited,
  checkReason,
  noteMark,
  recordWhenAnswered,
} from '../http/audited';
import { findScope } from '../http/request-scope';
import { marked } from '../http/route-marks';
import type { AnyContext } from './context';

/** Options of `audited`. */
export type AuditedRouteOptions = AuditedOptions<[c: AnyContext]>;

/**
 * Middleware of a route: records an event once the route has answered, with the outcome that the status says: failures, too.
 * `auditMiddleware` must be used before it.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function audited(action: string, options: AuditedRouteOptions = {}): MiddlewareHandler {
  const mark = checkAudited(action, options);
  const middleware: MiddlewareHandler = (c, next) => {
    recordWhenAnswered(findScope(c), action, options as AuditedOptions<never>);
    return next();
  };
  return marked(middleware, mark);
}

/** Middleware of a route that needs no event: says why. @throws AuditError `INVALID_OPTIONS` without a reason. */
export function exempt(reason: string): MiddlewareHandler {
  return saying({ exemption: checkReason('exempt', reason) });
}

/** Middleware of a route whose reads are recorded: says what it shows. @throws AuditError `INVALID_OPTIONS` without a reason. */
export function sensitive(reason: string): MiddlewareHandler {
  return saying({ sensitivity: checkReason('sensitive', reason) });
}

function saying(mark: Parameters<typeof noteMark>[1]): MiddlewareHandler {
  const middleware: MiddlewareHandler = (c, next) => {
    noteMark(findScope(c), mark);
    return next();
  };
  return marked(middleware, mark);
}
