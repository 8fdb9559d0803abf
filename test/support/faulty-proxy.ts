import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';

/** How long a request waits to be overtaken, in milliseconds: there may be no other. */
const LONGEST_HOLD = 300;

/** What happens to a request: a number is a status that the proxy itself answers with. */
export type Fault =
  | 'pass'
  /** Does not arrive. */
  | 'lost'
  /** Arrives, and nothing comes back. */
  | 'cut'
  /** Arrives, and half of the answer comes back. */
  | 'torn'
  /** Arrives twice. */
  | 'twice'
  | 'late'
  /** Arrives after a request that came later. */
  | 'overtaken'
  /** A page comes back, with status 200. */
  | 'page'
  | number;

/** A request that passed, and what it was. */
export interface Passed {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A proxy that treats requests as it is told. */
export function faultyProxy(to: string, faultOf: (passed: Passed) => Fault): RequestListener {
  const answered = new EventEmitter().setMaxListeners(0);
  return (req, res) => {
    const overtaken = () => once(answered, 'one', { signal: AbortSignal.timeout(LONGEST_HOLD) });
    forward(to, req, res, faultOf, overtaken)
      .catch(() => res.destroy())
      .finally(() => answered.emit('one'));
  };
}

async function forward(
  to: string,
  req: IncomingMessage,
  res: ServerResponse,
  faultOf: (passed: Passed) => Fault,
  overtaken: () => Promise<unknown>,
): Promise<void> {
  const { method = 'GET', url = '/', headers } = req;
  const body = await text(req);
  const fault = faultOf({ method, url, headers, body });
  if (fault === 'lost') return void res.destroy();
  if (fault === 'page') return void res.end('<html>Welcome to the network of the hotel');
  if (typeof fault === 'number') {
    if (fault === 429) res.setHeader('Retry-After', '0');
    return void res.writeHead(fault, { 'Content-Type': 'text/html' }).end('<h1>Not now</h1>');
  }
  if (fault === 'late') await wait(60);
  if (fault === 'overtaken') await overtaken().catch(() => undefined);
  const ask = () =>
    fetch(to + url, {
      method,
      headers: { authorization: headers.authorization ?? '', 'content-type': headers['content-type'] ?? '' },
      ...(body !== '' && { body }),
    });
  if (fault === 'twice') await (await ask()).arrayBuffer();
  const answer = await ask();
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (fault === 'cut') return void res.destroy();
  res.writeHead(answer.status, {
    'Content-Type': answer.headers.get('content-type') ?? '',
    'Content-Length': bytes.length,
    ...(answer.headers.has('retry-after') && { 'Retry-After': answer.headers.get('retry-after') ?? '' }),
  });
  if (fault !== 'torn') return void res.end(bytes);
  res.write(bytes.subarray(0, bytes.length / 2), () => res.destroy());
}
