import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import type { KnownAction } from '../../lib/event/event';
import type { AuditedOptions } from '../http/audited';
import { findScope } from '../http/request-scope';
import { routeHelpers } from '../http/route-helpers';

/** Options of `audited`. */
export type AuditedRouteOptions = AuditedOptions<[request: FastifyRequest, reply: FastifyReply]>;

const helpers = routeHelpers<onRequestHookHandler>((enter) => (request, _reply, done) => {
  enter(findScope(request.raw));
  done();
});

/**
 * A hook `onRequest` of a route: records an event once the route has answered, with the outcome that the status says: failures, too.
 * `auditPlugin` must be registered before it.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function audited(action: KnownAction, options: AuditedRouteOptions = {}): onRequestHookHandler {
  return helpers.audited(action, options);
}

/** A hook `onRequest` of a route that needs no event: says why. @throws AuditError `INVALID_OPTIONS` without a reason. */
export function exempt(reason: string): onRequestHookHandler {
  return helpers.exempt(reason);
}

/** A hook `onRequest` of a route whose reads are recorded: says what it shows. @throws AuditError `INVALID_OPTIONS` without a reason. */
export function sensitive(reason: string): onRequestHookHandler {
  return helpers.sensitive(reason);
}
