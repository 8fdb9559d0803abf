import type { IncomingMessage, ServerResponse } from 'node:http';
import { attempt } from '../http/attempt';
import type { Answering } from '../http/api/answering';
import type { Asked } from '../http/api/asked';
import { parseTarget } from '../http/request-target';
import { readBody } from './read-body';
import { clientOf, sendAnswer } from './send-answer';

/** A request of Node.js, or of a framework that takes the path of the mount from `url` and may know the address better. */
type NodeRequest = IncomingMessage & { ip?: unknown };

/** Answers a request of Node.js, and of the frameworks on it. */
export async function answerNode(api: Answering, req: NodeRequest, res: ServerResponse): Promise<void> {
  const answer = await api.answer(askedBy(req, res));
  if (answer.status === 401 && !req.complete && req.httpVersionMajor === 1)
    res.setHeader('Connection', 'close'); // nobody unknown makes this process read on
  await sendAnswer(res, answer, (error) => api.report(error));
}

function askedBy(req: NodeRequest, res: ServerResponse): Asked {
  const { path, query } = parseTarget({ url: req.url });
  return {
    method: req.method ?? '',
    path,
    query,
    page: './',
    source: req,
    holder: req,
    client: clientOf(req, res),
    address: addressOf(req),
    body: (limit) => readBody(req, limit),
    header: (name) => {
      const value: unknown = attempt(() => req.headers[name]);
      return typeof value === 'string' ? value : undefined;
    },
  };
}

/** `req.ip` asks the application's own `trust proxy`, which may throw for what a client has sent. */
function addressOf(req: NodeRequest): string | undefined {
  const ip = attempt(() => req.ip);
  return typeof ip === 'string' ? ip : attempt(() => req.socket.remoteAddress);
}
