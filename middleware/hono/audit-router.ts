import type { Hono } from 'hono';
import { answerRequest } from '../fetch/answer-request';
import { TrailApi, type TrailParts } from '../http/api/trail-api';
import { parseTarget } from '../http/request-target';
import { mountOf } from '../http/route-path';
import { identifyInContext } from './audit-middleware';
import { runningRoute } from './matched-route';
import type { AnyContext } from './context';

/** What else is asked for below the mount. */
const OTHERS = '/*';

/** A read-only HTTP API for one tenant's trail, and its web page, as an application of Hono. */
export function createAuditRouter(parts: TrailParts, router: Hono): Hono {
  const api = new TrailApi(parts);
  for (const own of [...api.paths, OTHERS]) {
    const answer = (c: AnyContext) => {
      const request = c.req.raw;
      const { path } = parseTarget(request);
      const mount = mountOf(path, runningRoute(c), own);
      return answerRequest(api, request, {
        path: path.slice(mount.length),
        mount,
        source: c,
        convention: identifyInContext,
        holder: c,
      });
    };
    // The mount may have an `:id` of its own.
    router.all(own.replace(':id', ':entryId'), answer);
  }
  return router;
}
