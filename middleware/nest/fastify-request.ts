import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Secrets } from '../../lib/event/secrets';
import { RoutedRequest } from '../fastify/fastify-request';
import { NodeRequest } from '../node/node-request';

/** A request of Nest on Fastify, which Fastify has one of its own for only once it has routed it. */
export class NestFastifyRequest extends NodeRequest {
  #routed: RoutedRequest | undefined;
  readonly #sources: [object, ...unknown[]];

  constructor(req: IncomingMessage, res: ServerResponse) {
    const sources: [object, ...unknown[]] = [req, res];
    super(req, sources);
    this.#sources = sources;
  }

  /** Takes Fastify's own objects, which have what guards and hooks leave there. */
  take(request: FastifyRequest, reply: FastifyReply, instance: FastifyInstance, secrets: Secrets): void {
    this.#routed = new RoutedRequest(request, reply, instance, secrets);
    this.#sources.splice(0, 2, request, reply);
  }

  override get address(): string | undefined {
    return this.#routed?.address ?? super.address;
  }

  override get id(): string | undefined {
    return this.#routed?.id;
  }

  override get route(): string | undefined {
    return this.#routed?.route;
  }

  override get path(): string {
    return this.#routed?.path ?? super.path;
  }
}
