import { attempt } from '../../lib/util/attempt';
import type { Target } from './ports';

/** The part before the path in a request to a proxy, such as `http://user:password@host`. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/**
 * The path and the query of a request, as they were sent: of `/a%20b?c=d`, `/a%20b` and `c=d`. Requests made by programs
 * may have no target.
 */
export function parseTarget(req: { originalUrl?: unknown; url?: unknown }): Target {
  const original = attempt(() => req.originalUrl);
  const given = typeof original === 'string' ? original : attempt(() => req.url);
  const url = typeof given === 'string' ? given : '';
  const whole = url.startsWith('/') ? url : url.replace(ORIGIN, '');
  const fragment = whole.indexOf('#');
  const target = fragment < 0 ? whole : whole.slice(0, fragment);
  const start = target.indexOf('?');
  return start < 0
    ? { path: target, query: '' }
    : { path: target.slice(0, start), query: target.slice(start + 1) };
}

/** Decodes a part of a URL: `a%20b` is `a b`. A malformed part, such as `%E0%A4%A`, stays as it is. */
export function tryDecode(part: string): string {
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
