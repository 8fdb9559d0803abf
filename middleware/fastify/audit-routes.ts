import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Answering } from '../http/api/answering';
import type { Asked } from '../http/api/asked';
import { parseTarget } from '../http/request-target';
import { askedOf, belowMount } from '../node/asked-of';
import { sendReply } from './send-reply';

/**
 * The trail, or the collector, as routes of Fastify below its prefix.
 * @param readsBodies whether what is sent is read by the API itself; otherwise it is thrown away
 */
export function routeApi(instance: FastifyInstance, api: Answering, readsBodies: boolean): void {
  const depth = segmentsOf(instance.prefix);
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    sendReply(reply, await api.answer(askedBy(request, reply, depth)), (error) => api.report(error));
  // Whatever is sent is refused by its method or by the API, not by Fastify for its type.
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('*', (_request, payload, done) => {
    if (!readsBodies) payload.resume();
    done(null);
  });
  instance.all('/', answer);
  instance.all('/*', answer);
}

function askedBy(request: FastifyRequest, reply: FastifyReply, depth: number): Asked {
  const { path, query } = parseTarget({ url: request.url });
  const place = belowMount(path, below(path, depth));
  return askedOf(request.raw, reply.raw, { ...place, query, source: request, address: request.ip });
}

/** The path without its first segments: the prefix may have parameters. */
function below(path: string, depth: number): string {
  const rest = path.split('/').slice(depth + 1);
  return rest.length === 0 ? '' : `/${rest.join('/')}`;
}

function segmentsOf(prefix: string): number {
  return prefix.split('/').filter((segment) => segment !== '').length;
}
