import type { IncomingMessage } from 'node:http';
import type { Body } from '../http/api/asked';
import { Problem } from '../http/api/problem';
import { Collected, tooLarge } from '../http/collector/collected';

/**
 * The body of a request: its bytes, or what a parser of the application has made of it. Of a stream that nobody has read,
 * `req.body` says nothing: some parsers set it to `{}` for media types that they do not know.
 * @throws Problem 400 for a client that hangs up, 413.
 */
export async function readBody(req: IncomingMessage, limit: number, parsed?: unknown): Promise<Body> {
  const { body } = req as { body?: unknown };
  if (req.readableDidRead || req.readableEnded) return parsedBody(parsed ?? body, limit);
  const collected = new Collected(req.headers['content-length'], limit);
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      req.off('data', add).off('end', done).off('error', broken).off('close', broken);
      end();
    };
    const add = (portion: Buffer) => {
      if (collected.add(portion)) return;
      req.resume(); // what comes is thrown away, so that the client reads the answer
      settle(() => reject(tooLarge(limit)));
    };
    const done = () => settle(() => resolve({ bytes: collected.bytes(), isDecoded: false }));
    const broken = () => settle(() => reject(new Problem(400, 'The body broke off.')));
    req.on('data', add).once('end', done).once('error', broken).once('close', broken);
  });
}

function parsedBody(body: unknown, limit: number): Body {
  if (body === undefined)
    throw new Problem(
      500,
      'The body was read before the collector: mount it before that, or keep `req.body`.',
    );
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return { value: body };
  const collected = new Collected(undefined, limit);
  if (!collected.add(typeof body === 'string' ? Buffer.from(body) : body)) collected.refuse();
  return { bytes: collected.bytes(), isDecoded: true }; // parsers decompress
}
