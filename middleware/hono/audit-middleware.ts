import type { MiddlewareHandler } from 'hono';
import type { Audit } from '../../lib/audit';
import type { Ledger } from '../../lib/ledger';
import { runInScope } from '../../lib/scope';
import { follow, observe, type Observed } from '../fetch/observe';
import { attempt } from '../../lib/util/attempt';
import { identifyByConvention } from '../http/identity';
import { NobodyWarning } from '../http/nobody-warning';
import { findScope, scopeOfLedger } from '../http/request-scope';
import { redactedPath } from '../http/route-path';
import { serverOf } from './node-bindings';
import { matchedRoute } from './matched-route';
import type { AnyContext } from './context';
import type { MiddlewareParts } from './options';

/** What the middleware adds to the variables of a context: `new Hono<{ Variables: AuditVariables }>()`. */
export interface AuditVariables {
  /** Records an event with this request's actor, tenant and context; see `Audit.event`. */
  audit: Audit['event'];
}

/** Adds `c.var.audit`, runs later handlers in the request's scope, and captures events when the response has ended. */
export function createAuditMiddleware(
  parts: MiddlewareParts,
): MiddlewareHandler<{ Variables: AuditVariables }> {
  const { ledger, identify } = parts;
  const nobody = identify
    ? null
    : new NobodyWarning({ name: 'auditMiddleware', page: 'docs/frameworks/hono.md' });
  return async (c, next) => {
    const outer = scopeOfLedger(ledger, findScope(c));
    if (outer) {
      outer.narrow(parts);
      return runInScope(outer, next);
    }
    const observed = begin(c);
    if (!observed) return next();
    const response = await follow(
      observed,
      async () => {
        try {
          await next();
        } catch (error) {
          observed.response.answered(500); // what is no `Error` passes by Hono's own handler
          throw error;
        }
        return c.res;
      },
      serverOf(c),
    );
    c.res = undefined; // or Hono takes over headers that are there already
    c.res = response;
  };

  /** A request that cannot be followed goes on all the same. */
  function begin(c: AnyContext): Observed | null {
    try {
      const address = attempt(() => parts.clientIp(c));
      const route = () => matchedRoute(c);
      const observed = observe(parts, c.req.raw, {
        holder: c,
        sources: [c],
        address: () => (typeof address === 'string' ? address : undefined),
        route,
        path: (path) => redactedPath(path, route() ?? path, ledger.secrets),
        identify: identifyInContext,
        nobody,
      });
      const audit: Ledger['event'] = (event, options) => ledger.eventIn(observed.scope, event, options);
      c.set('audit', audit);
      return observed;
    } catch (cause) {
      ledger.report(
        new Error('A request could not be followed, and goes on without being captured', { cause }),
      );
      return null;
    }
  }
}

/** Middleware of Hono leaves a user in the variables of a context; that for JWTs what is in the token. */
export function identifyInContext(c: AnyContext): ReturnType<typeof identifyByConvention> {
  const get = (name: string): unknown => c.get(name);
  const auth = get('auth') ?? { payload: get('jwtPayload') };
  return identifyByConvention({ auth, user: get('user'), session: get('session') });
}
