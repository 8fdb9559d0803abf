import { processName, processWide } from '../../lib/process-wide';

const MARK: unique symbol = Symbol.for(processName('mark'));

/** What a route says of itself, by middleware that it has: for the list of all routes. */
export interface RouteMark {
  /** What it records when it answers. */
  action?: string;
  /** Why it needs no event. */
  exemption?: string;
  /** What it reads that is sensitive. */
  sensitivity?: string;
}

/** Marks the middleware of a framework. */
export function marked<Middleware extends object>(middleware: Middleware, mark: RouteMark): Middleware {
  return Object.defineProperty(middleware, MARK, { value: mark });
}

/** What is said by some middleware; null for any other. */
export function markOf(middleware: unknown): RouteMark | null {
  return typeof middleware === 'function' ? ((middleware as { [MARK]?: RouteMark })[MARK] ?? null) : null;
}

/**
 * How the patterns of the trail's own routes end, in frameworks where they look like those of the application: its report of
 * coverage does not count them.
 */
export const TRAIL_ROUTES = processWide('trail routes', () => new Set<string>());
