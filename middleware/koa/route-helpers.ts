import type { Context, Middleware } from 'koa';
import {
  type AuditedOptions,
  checkAudited,
  checkReason,
  noteMark,
  recordWhenAnswered,
} from '../http/audited';
import { findScope } from '../http/request-scope';
import { marked } from '../http/route-marks';

/** Options of `audited`. */
export type AuditedRouteOptions = AuditedOptions<[ctx: Context]>;

/**
 * Middleware of a route: records an event once the route has answered, with the outcome that the status says: failures, too.
 * `auditMiddleware` must be used before it.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function audited(action: string, options: AuditedRouteOptions = {}): Middleware {
  const mark = checkAudited(action, options);
  const middleware: Middleware = (ctx, next) => {
    recordWhenAnswered(findScope(ctx.req), action, options);
    return next();
  };
  return marked(middleware, mark);
}

/** Middleware of a route that needs no event: says why. @throws AuditError `INVALID_OPTIONS` without a reason. */
export function exempt(reason: string): Middleware {
  return saying({ exemption: checkReason('exempt', reason) });
}

/** Middleware of a route whose reads are recorded: says what it shows. @throws AuditError `INVALID_OPTIONS` without a reason. */
export function sensitive(reason: string): Middleware {
  return saying({ sensitivity: checkReason('sensitive', reason) });
}

function saying(mark: Parameters<typeof noteMark>[1]): Middleware {
  const middleware: Middleware = (ctx, next) => {
    noteMark(findScope(ctx.req), mark);
    return next();
  };
  return marked(middleware, mark);
}
