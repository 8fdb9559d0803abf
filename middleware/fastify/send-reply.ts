import type { FastifyReply } from 'fastify';
import type { Answer } from '../http/api/answer';
import { readableBody } from '../node/readable-body';

/** By Fastify's own means, so that the headers of plugins, `onSend`, `onResponse` and the log stay. */
export function sendReply(
  reply: FastifyReply,
  { status, headers, body }: Answer,
  report: (error: unknown) => void,
): FastifyReply {
  reply.code(status).headers(headers);
  if (body === null) return reply.send();
  if (typeof body === 'string') return reply.send(Buffer.from(body, 'utf8'));
  return reply.send(readableBody(body, report, () => reply.raw.destroy()));
}
