import type { IncomingMessage } from 'node:http';
import { createAuditMiddleware } from '../express/audit-middleware';
import type { RequestHandler } from '../express/types';
import type { CapturingParts } from '../http/options';
import { parseTarget, tryDecode } from '../http/request-target';
import { followFastify } from './follow-fastify';
import type { HttpAdapter } from './own-nest';

/**
 * Follows the requests of an application, before its own middleware, guards and body parsers.
 * @param below paths: the requests to these, and to what is below them
 */
export function followRequests(adapter: HttpAdapter, parts: CapturingParts, below: readonly string[]): void {
  const follows = requestsBelow(below);
  if (adapter.getType() === 'fastify') return followFastify(adapter, parts, follows);
  const follow = createAuditMiddleware(parts);
  const middleware: RequestHandler = (req, res, next) => (follows(req) ? follow(req, res, next) : next());
  adapter.use(middleware);
}

/** As routers compare: a path that is sent in another spelling is the same. */
function requestsBelow(paths: readonly string[]): (req: IncomingMessage) => boolean {
  const bases = paths.map(spelled);
  if (bases.includes('/')) return () => true;
  return (req) => {
    const path = spelled(parseTarget(req).path);
    return bases.some((base) => path.startsWith(base));
  };
}

function spelled(path: string): string {
  return `/${tryDecode(path)}/`.replace(/\/+/g, '/').toLowerCase();
}
