import type { Context } from 'koa';
import type { Secrets } from '../../lib/event/secrets';
import { attempt } from '../../lib/util/attempt';
import { type Target } from '../http/ports';
import { parseTarget } from '../http/request-target';
import { redactedPath } from '../http/route-path';
import { NodeRequest } from '../node/node-request';
import { placeOf } from './matched-route';

/** A request of Koa, which knows what `app.proxy` says and what a router leaves in the context. */
export class KoaRequest extends NodeRequest {
  constructor(
    private readonly ctx: Context,
    private readonly secrets: Secrets,
  ) {
    super(ctx.req, [ctx]);
  }

  /** As the client has sent it: `koa-mount` takes from the URL what it is mounted at. */
  override get target(): Target {
    return parseTarget({ originalUrl: this.ctx.originalUrl, url: this.req.url });
  }

  override get address(): string | undefined {
    return attempt(() => this.ctx.ip) ?? super.address;
  }

  override get route(): string | undefined {
    return attempt(() => placeOf(this.ctx, this.target.path));
  }

  override get path(): string {
    const { path } = this.target;
    const { route } = this;
    return route === undefined ? path : redactedPath(path, route, this.secrets);
  }
}
