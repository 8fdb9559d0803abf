import { type IncomingMessage, request, type RequestListener, type ServerResponse } from 'node:http';

/** What a proxy does between a browser and a server. */
export interface ProxyOptions {
  /** The path of the server for one of the proxy; null where there is nothing. */
  path?: (path: string) => string | null;
  /** Passes an answer on. */
  answer?: (from: IncomingMessage, to: ServerResponse) => void;
}

/** A proxy in front of a server, without a buffer. */
export function proxyTo(
  url: string,
  { path = (same) => same, answer = pass }: ProxyOptions,
): RequestListener {
  return (req, res) => {
    const there = path(req.url ?? '/');
    if (there === null) return void res.writeHead(404).end();
    const onward = request(url + there, { method: req.method, headers: req.headers }, (from) => {
      res.writeHead(from.statusCode ?? 502, from.headers);
      answer(from, res);
    });
    onward.on('error', () => res.destroy());
    res.on('close', () => onward.destroy());
    req.pipe(onward);
  };
}

/** Passes all of an answer on, as it comes. */
export function pass(from: IncomingMessage, to: ServerResponse): void {
  to.flushHeaders();
  from.pipe(to);
}
