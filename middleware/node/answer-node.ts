import type { IncomingMessage, ServerResponse } from 'node:http';
import { attempt } from '../../lib/util/attempt';
import type { Answering } from '../http/api/answering';
import { parseTarget } from '../http/request-target';
import { askedOf } from './asked-of';
import { sendAnswer } from './send-answer';

/** A request of Node.js, or of a framework that takes the path of the mount from `url` and may know the address better. */
type NodeRequest = IncomingMessage & { ip?: unknown };

/** Answers a request of Node.js, and of the frameworks on it. */
export async function answerNode(api: Answering, req: NodeRequest, res: ServerResponse): Promise<void> {
  const { path, query } = parseTarget({ url: req.url });
  const there = { path, query, page: './', source: req, address: addressOf(req) };
  const answer = await api.answer(askedOf(req, res, there));
  if (answer.status === 401 && !req.complete && req.httpVersionMajor === 1)
    res.setHeader('Connection', 'close'); // nobody unknown makes this process read on
  await sendAnswer(res, answer, (error) => api.report(error));
}

/** `req.ip` asks the application's own `trust proxy`, which may throw for what a client has sent. */
function addressOf(req: NodeRequest): string | undefined {
  const ip = attempt(() => req.ip);
  return typeof ip === 'string' ? ip : attempt(() => req.socket.remoteAddress);
}
