import { attempt } from '../../lib/util/attempt';
import type { RequestPort } from '../http/ports';
import type { Secrets } from '../../lib/event/secrets';
import { NodeRequest } from '../node/node-request';
import { RouteTrace } from './route-trace';
import type { Request, Response } from './types';

/** A request of Express, which knows its routing and what `trust proxy` says. */
export class ExpressRequest extends NodeRequest {
  /** Is told of each step of the routing. */
  readonly trace: RouteTrace;

  constructor(
    protected override readonly req: Request,
    res: Response,
    secrets: Secrets,
  ) {
    super(req, [req, res] satisfies RequestPort['sources']);
    this.trace = new RouteTrace(req, secrets);
  }

  /** `req.ip` asks the application's own `trust proxy`, which may throw for what a client has sent. */
  override get address(): string | undefined {
    return attempt(() => this.req.ip) ?? super.address;
  }

  override get id(): string | undefined {
    const id = attempt(() => (this.req as { id?: unknown }).id);
    return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
  }

  override get path(): string {
    return this.trace.path;
  }

  override get route(): string | undefined {
    return this.trace.route;
  }

  get matched(): object | undefined {
    return this.trace.routeObject;
  }

  get passed(): readonly object[] {
    return this.trace.passed;
  }

  get mount(): string {
    return this.trace.mount;
  }

  override get isFileServer(): boolean {
    return this.trace.isFileServer;
  }
}
