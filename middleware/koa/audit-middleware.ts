import type { Context, Middleware } from 'koa';
import { runInScope } from '../../lib/scope';
import { type ConventionalIdentity, identifyAmong } from '../http/identity';
import type { CapturingParts } from '../http/options';
import { type AuditCall, RequestFollower } from '../node/request-follower';
import { watchResponse } from '../node/response-watch';
import { KoaRequest } from './koa-request';

/** What the middleware adds to a context: for `new Koa<State, AuditContext>()`. */
export interface AuditContext {
  /** Records an event with this request's actor, tenant and context; see `Audit.event`. */
  audit: AuditCall;
}

declare module 'koa' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- Koa's own way to extend its context
  interface DefaultContext extends AuditContext {}
}

const SUBJECT = { name: 'auditMiddleware', page: 'docs/frameworks/koa.md' };

/** Adds `ctx.audit()`, runs later middleware in the request's scope, and captures events when the response has ended. */
export function createAuditMiddleware(parts: CapturingParts): Middleware {
  const follower = new RequestFollower(parts, { identify: identifyInContext, subject: SUBJECT });
  return async (ctx, next) => {
    const scope = follower.follow(ctx.req, ctx.res, () => new KoaRequest(ctx, parts.ledger.secrets));
    if (!scope) {
      await next();
      return;
    }
    ctx.audit = follower.callIn(scope);
    try {
      await runInScope(scope, next);
      noteAnswer(ctx, () => ctx.status);
    } catch (error) {
      noteAnswer(ctx, () => statusOf(error));
      throw error;
    }
  };
}

/** Koa's middleware leaves users in `ctx.state`, and sessions in the context itself. */
export function identifyInContext(ctx: Context): ConventionalIdentity {
  return identifyAmong([ctx.state, ctx]);
}

/**
 * Koa answers nobody: of a request whose client has hung up it sends neither headers nor an end. What the application would
 * have answered is known when its middleware is done.
 */
function noteAnswer(ctx: Context, status: () => number): void {
  const { req, res } = ctx;
  const note = () => {
    if (ctx.respond !== false) watchResponse(req, res).answeredNobody(status());
  };
  if (res.closed || !ctx.writable) note();
  else res.once('close', note);
}

/** The status with which Koa answers an error. */
function statusOf(error: unknown): number {
  const { status, statusCode, code } = (error ?? {}) as Record<string, unknown>;
  if (code === 'ENOENT') return 404;
  const given = typeof status === 'number' ? status : statusCode;
  return typeof given === 'number' && given >= 100 && given < 600 ? given : 500;
}
