import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { runInScope } from '../../lib/scope';
import { type ConventionalIdentity, identifyAmong } from '../http/identity';
import type { CapturingParts } from '../http/options';
import type { RequestScope } from '../http/request-scope';
import { RequestFollower } from '../node/request-follower';
import { NestFastifyRequest } from './fastify-request';
import { WARNING_SUBJECT } from './options';
import type { HttpAdapter } from './own-nest';

/**
 * Follows the requests of Nest on Fastify. Nest's own hooks (CSRF, CORS) and its middleware run before a hook of ours could
 * be added: so a request is observed from the server on, and surrounded by its scope once before the middleware, whose hook
 * Nest adds first, and again in our own hook, when Fastify knows its route.
 */
export function followFastify(
  adapter: HttpAdapter,
  parts: CapturingParts,
  follows: (req: IncomingMessage) => boolean,
): void {
  const fastify = adapter.getInstance() as FastifyInstance & { use?: unknown };
  const { secrets } = parts.ledger;
  const follower = new RequestFollower(parts, { identify: identifyBoth, subject: WARNING_SUBJECT });
  const scopeOf = (req: IncomingMessage, res: ServerResponse): RequestScope | null => {
    if (!follows(req)) return null;
    const scope = follower.follow(req, res, () => new NestFastifyRequest(req, res));
    if (scope) Object.assign(req, { audit: follower.callIn(scope) });
    return scope;
  };
  fastify.server.prependListener('request', scopeOf);
  // Not there if the application was told to register no middleware.
  if (fastify.use !== undefined)
    adapter.use((req: IncomingMessage, res: ServerResponse, next: () => void) => {
      enter(scopeOf(req, res), next);
    });
  fastify.addHook('onRequest', (request, reply, done) => {
    const scope = scopeOf(request.raw, reply.raw);
    if (scope?.request instanceof NestFastifyRequest) scope.request.take(request, reply, fastify, secrets);
    if (scope) Object.assign(request, { audit: follower.callIn(scope) });
    enter(scope, done);
  });
}

function enter(scope: RequestScope | null, next: () => void): void {
  if (scope) runInScope(scope, next);
  else next();
}

/** Guards and hooks leave a user on the request of Fastify, middleware on that of Node.js. */
function identifyBoth(request: object): ConventionalIdentity {
  const { raw } = request as { raw?: object };
  return identifyAmong(raw === undefined ? [request] : [request, raw]);
}
