import type { Request } from 'express';

/** Before the path in a request to a proxy: scheme and authority, which may hold a password. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/** The path that a request asks for, as it was sent, and its query. */
export function parseTarget(req: Request): { path: string; query: string } {
  const [target = ''] = req.originalUrl.replace(ORIGIN, '').split('#', 1);
  const start = target.indexOf('?');
  return start < 0
    ? { path: target, query: '' }
    : { path: target.slice(0, start), query: target.slice(start + 1) };
}

/** The text that a part of a URL stands for; malformed, the part itself. */
export function tryDecode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
