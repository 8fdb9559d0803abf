import type { RequestHandler } from 'express';
import onFinished from 'on-finished';
import type { Audit } from '../lib/audit';
import type { Receipt } from '../lib/chain/entry';
import type { AuditEvent } from '../lib/record/event';
import { runInScope, type Scope } from '../lib/record/scope';
import { SYSTEM_TENANT } from '../lib/vocabulary';
import {
  anyRequest,
  type CaptureOptions,
  type CaptureSwitch,
  dataExport,
  type Exchange,
  refusal,
} from './capture';
import type { Identify } from './identity';
import { RequestScope, scopeOf } from './request-scope';
import { watchResponse } from './response-watch';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- Express's own way to extend its request
  namespace Express {
    interface Request {
      /** Records an event with this request's actor, tenant and context; see `Audit.event`. */
      audit(event: AuditEvent): Promise<Receipt>;
    }
  }
}

/** What the middleware works with. */
export interface MiddlewareParts {
  audit: Audit;
  identify: Identify;
  capture: Record<keyof CaptureOptions, CaptureSwitch>;
}

/** Adds `req.audit()`, gives the request's scope to all that it calls, and captures when the response has ended. */
export function createAuditMiddleware({ audit, identify, capture }: MiddlewareParts): RequestHandler {
  return (req, res, next) => {
    if (scopeOf(req)?.audit === audit) return next(); // mounted twice
    const scope = new RequestScope(audit, identify, req, res);
    req.audit = (event) => audit.record(event, scope, 'application');

    let refusalSeen = false;
    const seeRefusal = () => {
      if (!refusalSeen) record(capture.authFailures, refusal, exchange);
      refusalSeen = true;
    };
    // A client that hangs up before its 401 has tried all the same: the answer that nobody gets tells.
    const watch = watchResponse(res, () => scope.endedAt !== null && seeRefusal());
    const exchange: Exchange = { req, res, scope, watch };
    onFinished(res, () => {
      scope.end();
      record(capture.requests, anyRequest, exchange);
      record(capture.exports, dataExport, exchange);
      if (res.headersSent) seeRefusal();
    });
    runInScope(scope, next);
  };
}

function record(
  when: CaptureSwitch,
  make: (exchange: Exchange) => AuditEvent | null,
  exchange: Exchange,
): void {
  const { scope } = exchange;
  if (scope.silent || !isOn(when, exchange)) return;
  const event = make(exchange);
  if (event) void scope.audit.record({ ...event, tenantId: tenantOf(scope) }, capturing(scope), 'ledger');
}

/** The scope, but what is captured does not count as something that the application recorded itself. */
function capturing(scope: RequestScope): Scope {
  return { origin: () => scope.origin(), recorded: () => undefined, endedAt: scope.endedAt };
}

/** A switch that throws is on: what should have been recorded must not be lost. */
function isOn(when: CaptureSwitch, { req, res, scope }: Exchange): boolean {
  if (typeof when === 'boolean') return when;
  try {
    return when(req, res);
  } catch (error) {
    scope.audit.report(new Error('A function of `capture` threw, and counts as true', { cause: error }));
    return true;
  }
}

/** Who cannot be told goes into the ledger's own chain; a request never says of itself that it belongs there. */
function tenantOf(scope: RequestScope): AuditEvent['tenantId'] {
  return scope.identity().tenantId ?? scope.audit.defaultTenant ?? SYSTEM_TENANT;
}
