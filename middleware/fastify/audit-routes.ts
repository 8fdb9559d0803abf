import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Asked } from '../http/api/asked';
import { TrailApi, type TrailParts } from '../http/api/trail-api';
import { parseTarget } from '../http/request-target';
import { askedOf, belowMount } from '../node/asked-of';
import { sendReply } from './send-reply';

/** A read-only HTTP API for one tenant's trail, and its web page, as routes of Fastify below its prefix. */
export function routeTrail(instance: FastifyInstance, parts: TrailParts): void {
  const api = new TrailApi(parts);
  const depth = segmentsOf(instance.prefix);
  const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    sendReply(reply, await api.answer(askedBy(request, reply, depth)), (error) => api.report(error));
  // Whatever is sent is refused by its method, not by its body.
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume();
    done(null);
  });
  instance.all('/', answer);
  instance.all('/*', answer);
}

function askedBy(request: FastifyRequest, reply: FastifyReply, depth: number): Asked {
  const { path, query } = parseTarget({ url: request.url });
  const place = belowMount(path, below(path, depth));
  return askedOf(request.raw, reply.raw, { ...place, query, source: request });
}

/** The path without its first segments: the prefix may have parameters. */
function below(path: string, depth: number): string {
  const rest = path.split('/').slice(depth + 1);
  return rest.length === 0 ? '' : `/${rest.join('/')}`;
}

function segmentsOf(prefix: string): number {
  return prefix.split('/').filter((segment) => segment !== '').length;
}
