import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A listener of Node.js for a handler of the Fetch standard. */
export function nodeListener(answer: (request: Request) => Response | Promise<Response>): RequestListener {
  return (req, res) => {
    pass(answer, req, res).catch(() => res.destroy());
  };
}

async function pass(
  answer: (request: Request) => Response | Promise<Response>,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '/', headers, rawHeaders } = req;
  const pairs = rawHeaders.flatMap((name, i) =>
    i % 2 === 0 ? [[name, rawHeaders[i + 1]!] as [string, string]] : [],
  );
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const request = new Request(`http://${headers.host}${url}`, {
    method,
    headers: pairs,
    ...(hasBody && { body: Readable.toWeb(req) as ReadableStream, duplex: 'half' }),
  });
  const response = await answer(request);
  res.writeHead(response.status, [...response.headers].flat());
  if (response.body) await pipeline(Readable.fromWeb(response.body as never), res);
  else res.end();
}
