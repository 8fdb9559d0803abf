import { runInScope } from '../../lib/scope';
import type { CapturingParts } from '../http/options';
import { RequestFollower } from '../node/request-follower';
import { ExpressRequest } from './express-request';
import { keepMembersInTable } from './member-table';
import { hookRoutersOf } from './router-steps';
import type { RequestHandler } from './types';

/** Adds `req.audit()`, runs later handlers in the request's scope, and captures events when the response has ended. */
export function createAuditMiddleware(parts: CapturingParts): RequestHandler {
  const follower = new RequestFollower(parts);
  return (req, res, next) => {
    const scope = follower.follow(req, res, () => {
      keepMembersInTable(req);
      keepMembersInTable(res);
      hookRoutersOf(req);
      return new ExpressRequest(req, res, parts.ledger.secrets);
    });
    if (!scope) return next();
    req.audit = follower.callIn(scope);
    runInScope(scope, next);
  };
}
