import { type AuditedOptions, checkAudited, checkReason, noteMark, recordWhenAnswered } from './audited';
import type { RequestScope } from './request-scope';
import { marked, type RouteMark } from './route-marks';

/** What a route's middleware does with the scope of its request, before the route. */
export type Entering = (scope: RequestScope | undefined) => void;

/** `audited`, `exempt` and `sensitive` of a framework. */
export interface RouteHelpers<Middleware> {
  audited: (action: string, options: AuditedOptions<never>) => Middleware;
  exempt: (reason: string) => Middleware;
  sensitive: (reason: string) => Middleware;
}

/**
 * The helpers of a framework's routes.
 * @param middleware the framework's own form of one, which calls with the request's scope and goes on
 */
export function routeHelpers<Middleware extends object>(
  middleware: (enter: Entering) => Middleware,
): RouteHelpers<Middleware> {
  const saying = (mark: RouteMark) =>
    marked(
      middleware((scope) => noteMark(scope, mark)),
      mark,
    );
  return {
    audited: (action, options) => {
      const mark = checkAudited(action, options);
      return marked(
        middleware((scope) => recordWhenAnswered(scope, action, options)),
        mark,
      );
    },
    exempt: (reason) => saying({ exemption: checkReason('exempt', reason) }),
    sensitive: (reason) => saying({ sensitivity: checkReason('sensitive', reason) }),
  };
}
