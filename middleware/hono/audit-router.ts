import type { Hono } from 'hono';
import { answerRequest } from '../fetch/answer-request';
import type { Answering } from '../http/api/answering';
import { parseTarget } from '../http/request-target';
import { mountOf } from '../http/route-path';
import { identifyInContext } from './audit-middleware';
import { runningRoute } from './matched-route';
import { connectionAddress } from './node-bindings';
import type { AnyContext } from './context';

/** What else is asked for below the mount. */
const OTHERS = '/*';

/**
 * The trail, or the collector, as an application of Hono.
 * @param paths that Hono is to know each by its pattern
 */
export function routeApi(router: Hono, api: Answering, paths: readonly string[] = []): Hono {
  for (const own of [...paths, OTHERS]) {
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
        address: connectionAddress(c),
      });
    };
    // The mount may have an `:id` of its own.
    router.all(own.replace(':id', ':entryId'), answer);
  }
  return router;
}
