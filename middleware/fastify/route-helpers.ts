import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
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
export type AuditedRouteOptions = AuditedOptions<[request: FastifyRequest, reply: FastifyReply]>;

/**
 * A hook `onRequest` of a route: records an event once the route has answered, with the outcome that the status says: failures, too.
 * `auditPlugin` must be registered before it.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function audited(action: string, options: AuditedRouteOptions = {}): onRequestHookHandler {
  const mark = checkAudited(action, options);
  const hook: onRequestHookHandler = (request, _reply, done) => {
    recordWhenAnswered(findScope(request.raw), action, options);
    done();
  };
  return marked(hook, mark);
}

/** A hook `onRequest` of a route that needs no event: says why. @throws AuditError `INVALID_OPTIONS` without a reason. */
export function exempt(reason: string): onRequestHookHandler {
  return saying({ exemption: checkReason('exempt', reason) });
}

/** A hook `onRequest` of a route whose reads are recorded: says what it shows. @throws AuditError `INVALID_OPTIONS` without a reason. */
export function sensitive(reason: string): onRequestHookHandler {
  return saying({ sensitivity: checkReason('sensitive', reason) });
}

function saying(mark: Parameters<typeof noteMark>[1]): onRequestHookHandler {
  const hook: onRequestHookHandler = (request, _reply, done) => {
    noteMark(findScope(request.raw), mark);
    done();
  };
  return marked(hook, mark);
}
