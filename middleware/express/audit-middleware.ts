import { runInScope } from '../../lib/scope';
import type { CapturingParts } from '../http/options';
import { type AuditCall, RequestFollower } from '../node/request-follower';
import { ExpressRequest } from './express-request';
import { hookRoutersOf } from './router-steps';
import type { RequestHandler } from './types';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- Express's own way to extend its request
  namespace Express {
    interface Request {
      /** Records an event with this request's actor, tenant and context; see `Audit.event`. */
      audit: AuditCall;
    }
  }
}

/** Adds `req.audit()`, runs later handlers in the request's scope, and captures events when the response has ended. */
export function createAuditMiddleware(parts: CapturingParts): RequestHandler {
  const follower = new RequestFollower(parts);
  return (req, res, next) => {
    const scope = follower.follow(req, res, () => {
      hookRoutersOf(req);
      return new ExpressRequest(req, res, parts.ledger.secrets);
    });
    if (!scope) return next();
    req.audit = follower.callIn(scope);
    runInScope(scope, next);
  };
}
