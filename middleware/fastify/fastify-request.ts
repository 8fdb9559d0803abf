import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Secrets } from '../../lib/event/secrets';
import { attempt } from '../../lib/util/attempt';
import { redactedPath } from '../http/route-path';
import { NodeRequest } from '../node/node-request';

/** What Fastify numbers its requests with, anew in each process, where nothing else is configured. */
const NUMBER = /^req-[0-9a-z]+$/;

/** A request of Fastify, which knows its route and what `trustProxy` says. */
export class RoutedRequest extends NodeRequest {
  constructor(
    private readonly request: FastifyRequest,
    reply: FastifyReply,
    private readonly instance: Pick<FastifyInstance, 'initialConfig'>,
    private readonly secrets: Secrets,
  ) {
    super(request.raw, [request, reply]);
  }

  override get address(): string | undefined {
    return attempt(() => this.request.ip) ?? super.address;
  }

  /** Of `genReqId`, or of the configured header, which may say what Fastify's own numbers look like. */
  override get id(): string | undefined {
    const id: unknown = attempt(() => this.request.id);
    if (typeof id === 'string' && !NUMBER.test(id)) return id;
    const { requestIdHeader } = this.instance.initialConfig;
    return typeof requestIdHeader === 'string' ? this.header(requestIdHeader.toLowerCase()) : undefined;
  }

  override get route(): string | undefined {
    const { request } = this;
    return attempt(() => (request.is404 ? undefined : request.routeOptions.url));
  }

  override get path(): string {
    const { path } = this.target;
    const { route } = this;
    return route === undefined ? path : redactedPath(path, route, this.secrets);
  }
}
