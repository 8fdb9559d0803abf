import type { AnyContext } from './context';

/** How Hono calls the method of `app.use` and `app.all`. */
const ANY = 'ALL';

interface Matched {
  readonly path: string;
  readonly method: string;
}

/**
 * The pattern of the route that answers, with the prefixes of `app.route` and `basePath`: that of the handler which runs, or
 * else the first that middleware would have passed the request on to.
 */
export function matchedRoute(c: AnyContext): string | undefined {
  const { all, current } = matchedRoutes(c);
  const own = all.slice(current).find(({ method }) => method !== ANY);
  // `app.all`, and not the middleware of a whole part.
  const shared = own ?? all.findLast(({ path }) => !path.endsWith('*'));
  return shared?.path;
}

/** The pattern of the handler that runs. */
export function runningRoute(c: AnyContext): string {
  const { all, current } = matchedRoutes(c);
  return all[current]?.path ?? '';
}

/**
 * Not by the helpers of `hono/route`: they know requests of their own copy of Hono alone, and there is one for each module
 * format.
 */
function matchedRoutes({ req }: AnyContext): { all: readonly Matched[]; current: number } {
  const { matchedRoutes: all, routeIndex: current } = req as unknown as {
    matchedRoutes: Matched[];
    routeIndex: number;
  };
  return { all, current };
}
