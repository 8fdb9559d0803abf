import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Sends a body by Node.js's own methods: the settings of an application (`json replacer`, `json spaces`, `etag`) and what it
 * puts in place of `res.json` and `res.send` would change bytes that readers hash. It still goes through `res.end`, so that
 * compression works. A client that says by `If-None-Match` that it has the body gets 304.
 */
export function sendText(res: ServerResponse, type: string, text: string): void {
  if (res.headersSent) return;
  const body = Buffer.from(text, 'utf8');
  // Weak, since compression changes the bytes on the wire.
  const tag = `W/"${createHash('sha256').update(body).digest('base64url')}"`;
  res.setHeader('ETag', tag);
  if (res.statusCode === 200 && isKnown(res.req, tag)) {
    res.statusCode = 304;
    res.end();
    return;
  }
  res.setHeader('Content-Type', type);
  res.setHeader('Content-Length', body.length);
  res.end(body); // without the body for HEAD: Node.js knows
}

/** `JSON.stringify`, whatever the application has set. */
export function sendJson(res: ServerResponse, body: unknown): void {
  sendText(res, 'application/json; charset=utf-8', JSON.stringify(body));
}

/** RFC 9110 §13.1.2: compared weakly. */
function isKnown(req: IncomingMessage, tag: string): boolean {
  const known = req.headers['if-none-match'];
  if (known === undefined || /no-cache/.test(req.headers['cache-control'] ?? '')) return false;
  return known.trim() === '*' || known.split(',').some((each) => each.trim() === tag);
}
