import type { FastifyInstance } from 'fastify';
import { runInScope } from '../../lib/scope';
import type { CapturingParts } from '../http/options';
import { type AuditCall, RequestFollower } from '../node/request-follower';
import { RoutedRequest } from './fastify-request';

declare module 'fastify' {
  interface FastifyRequest {
    /** Records an event with this request's actor, tenant and context; see `Audit.event`. */
    audit: AuditCall;
  }
}

const SUBJECT = { name: 'auditPlugin', page: 'docs/frameworks/fastify.md' };

/** Adds `request.audit()`, runs later hooks and handlers in the request's scope, and captures events when a reply has ended. */
export function followRequests(instance: FastifyInstance, parts: CapturingParts): void {
  const follower = new RequestFollower(parts, { subject: SUBJECT });
  const { secrets } = parts.ledger;
  // A second ledger's plugin, further in, takes the first one's place.
  if (!instance.hasRequestDecorator('audit')) instance.decorateRequest('audit', null as never);
  // With a callback: what a hook awaits would not be in the scope.
  instance.addHook('onRequest', (request, reply, done) => {
    const scope = follower.follow(
      request.raw,
      reply.raw,
      () => new RoutedRequest(request, reply, instance, secrets),
    );
    if (!scope) return done();
    request.audit = follower.callIn(scope);
    runInScope(scope, done);
  });
}
