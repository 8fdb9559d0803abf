import type { Context, Middleware } from 'koa';
import type { Answer } from '../http/api/answer';
import type { Answering } from '../http/api/answering';
import type { Asked } from '../http/api/asked';
import { parseTarget } from '../http/request-target';
import { askedOf, belowMount } from '../node/asked-of';
import { readableBody } from '../node/readable-body';
import { identifyInContext } from './audit-middleware';
import { belowRoute } from './matched-route';

/** The trail, or the collector, as middleware of Koa. */
export function routeApi(api: Answering, prefix: string | undefined): Middleware {
  return async (ctx, next) => {
    const path = pathBelow(ctx, prefix);
    if (path === null) await next();
    else send(ctx, await api.answer(askedIn(ctx, path)), (error) => api.report(error));
  };
}

/** Null where the request is for something else. */
function pathBelow(ctx: Context, prefix: string | undefined): string | null {
  const { path } = parseTarget(ctx.req);
  if (prefix === undefined) return belowRoute(ctx, path);
  return path === prefix || path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : null;
}

/** By Koa's own means, so that other middleware has its say: it compresses, adds headers, and measures. */
function send(ctx: Context, { status, headers, body }: Answer, report: (error: unknown) => void): void {
  ctx.status = status;
  ctx.set(headers);
  if (typeof body === 'string') ctx.body = Buffer.from(body, 'utf8');
  else if (body !== null) ctx.body = readableBody(body, report, () => ctx.res.destroy());
}

function askedIn(ctx: Context, path: string): Asked {
  const { req } = ctx;
  const place = belowMount(parseTarget({ url: ctx.originalUrl }).path, path);
  const { query } = parseTarget(req);
  const { body: parsed } = ctx.request as { body?: unknown };
  const { ip: address } = ctx;
  return askedOf(req, ctx.res, {
    ...place,
    query,
    source: ctx,
    convention: identifyInContext,
    address,
    parsed,
  });
}
