import type { Context } from 'koa';
import { tryDecode } from '../http/request-target';

/** What routers leave in a context: `_matchedRoute` those of `@koa/router`, `routePath` that of `koa-route`. */
interface Routed {
  _matchedRoute?: unknown;
  routePath?: unknown;
  mountPath?: unknown;
}

/** The end of a pattern that stands for any number of segments, as the versions of `@koa/router` write it. */
const WILDCARD = /(\/:\w+[*+]|\/?[{*(].*)$/;

/** The pattern that a router has matched in what it was given of the path; undefined while none has. */
export function matchedRoute(ctx: Context): string | undefined {
  const { _matchedRoute, routePath } = ctx as Routed;
  const pattern = _matchedRoute ?? routePath;
  return typeof pattern === 'string' || pattern instanceof RegExp ? String(pattern) : undefined;
}

/**
 * The whole pattern, with what `koa-mount` has taken from the path before the router saw it.
 * @param path as the client sent it
 */
export function placeOf(ctx: Context, path: string): string | undefined {
  const pattern = matchedRoute(ctx);
  const { mountPath } = ctx as Routed;
  if (pattern === undefined || typeof mountPath !== 'string') return pattern;
  const [whole, own] = [segmentsOf(path), segmentsOf(pattern)];
  const mount = whole.slice(0, whole.length - own.length);
  // Mounts may be within mounts, of which the context has the innermost.
  const isTail = own.every((part, i) => isMatch(part, whole[mount.length + i]));
  return isTail ? `/${[...mount, ...own].join('/')}` : `${mountPath.replace(/\/$/, '')}${pattern}`;
}

/** The part of a path that is below a route with a wildcard at its end; all of it where the route is of another place. */
export function belowRoute(ctx: Context, path: string): string {
  const head = matchedRoute(ctx)?.replace(WILDCARD, '') ?? '';
  const [whole, own] = [path.split('/'), head.split('/')];
  return own.every((part, i) => isMatch(part, whole[i]))
    ? path.slice(whole.slice(0, own.length).join('/').length)
    : path;
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function isMatch(pattern: string, segment: string | undefined): boolean {
  if (segment === undefined) return false;
  return /^:\w+$/.test(pattern) || pattern.toLowerCase() === tryDecode(segment).toLowerCase();
}
