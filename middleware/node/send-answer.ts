import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:net';
import type { Answer } from '../http/api/answer';
import type { Client } from '../http/api/asked';
import { whenOver } from './response-end';

/** How often a stream looks whether its server is closing, in milliseconds. */
const LISTENING = 500;

/**
 * Sends an answer by Node.js's own methods: the settings of an application (`json replacer`, `json spaces`, `etag`) and what
 * it puts in place of `res.json` and `res.send` would change bytes that readers hash. It still goes through `res.write` and
 * `res.end`, so that compression works.
 * @param report is told why a body broke off. The connection breaks then, too: nobody takes what came for the whole.
 */
export async function sendAnswer(
  res: ServerResponse,
  { status, headers, body }: Answer,
  report: (error: unknown) => void,
): Promise<void> {
  // A timeout of the application has answered, or the client has hung up during admission.
  if (res.headersSent || res.closed) return discard(body);
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  if (body === null) return void res.end();
  if (typeof body !== 'string') return sendPortions(res, body, report);
  res.setHeader('Content-Length', Buffer.byteLength(body, 'utf8'));
  res.end(body, 'utf8'); // in one piece with its headers; without the body for HEAD: Node.js knows
}

/** Waits for slow readers, and goes no further when they are gone. */
async function sendPortions(
  res: ServerResponse,
  body: AsyncIterable<string | Uint8Array>,
  report: (error: unknown) => void,
): Promise<void> {
  try {
    for await (const portion of body) {
      if (isOver(res)) return;
      if (!res.write(portion)) await drained(res);
      if (isOver(res)) return;
    }
    res.end();
  } catch (error) {
    if (!isOver(res)) report(error);
    res.destroy();
  }
}

function isOver(res: ServerResponse): boolean {
  return res.writableEnded || res.destroyed || res.closed;
}

/** Settles also when the connection ends first. */
async function drained(res: ServerResponse): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  await Promise.race([once(res, 'drain', { signal }), once(res, 'close', { signal })]).finally(() =>
    settled.abort(),
  );
}

/** So that what stands behind a body is closed, and its place given up. */
function discard(body: Answer['body']): void {
  if (body === null || typeof body === 'string') return;
  const ended = body[Symbol.asyncIterator]().return?.();
  ended?.then(undefined, () => undefined); // nobody is there to be told
}

/** The client of a request of Node.js. */
export function clientOf(req: IncomingMessage, res: ServerResponse, listening = LISTENING): Client {
  return {
    whenGone: (gone) => {
      if (res.closed) gone();
      // A closing server waits for all responses, but Node.js does not notify them.
      const { server } = req.socket as { server?: Server };
      const watch = setInterval(() => {
        if (server?.listening === false) gone();
      }, listening);
      res.once('close', gone);
      return () => {
        clearInterval(watch);
        res.off('close', gone);
      };
    },
    whenLeft: (left) => {
      let isWatched = true;
      whenOver(req, res, () => {
        if (isWatched) left();
      });
      return () => {
        isWatched = false;
      };
    },
    takesLast: (patience) => {
      if (res.closed || res.writableFinished) return;
      const late = setTimeout(() => res.destroy(), patience).unref();
      const end = () => clearTimeout(late);
      res.once('finish', end).once('close', end);
    },
    drop: () => res.destroy(),
  };
}
