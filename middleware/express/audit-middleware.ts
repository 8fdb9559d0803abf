import type { Request, RequestHandler, Response } from 'express';
import type { Ledger, PendingReceipt } from '../../lib/ledger';
import type { Receipt } from '../../lib/chain/entry';
import type { AuditEvent } from '../../lib/event/event';
import type { Session } from '../../lib/store/store';
import { runInScope } from '../../lib/scope';
import { type CaptureSettings, Exchange } from '../http/exchange';
import { type Identify, identifyByConvention } from '../http/identity';
import { NobodyWarning } from '../http/nobody-warning';
import { findScopeOf, RequestScope } from '../http/request-scope';
import { RouteTrace } from './route-trace';
import { hookRoutersOf } from './router-steps';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- Express's own way to extend its request
  namespace Express {
    interface Request {
      /** Records an event with this request's actor, tenant and context; see `Audit.event`. */
      audit(event: AuditEvent, options?: { session?: undefined }): Promise<Receipt>;
      audit(event: AuditEvent, options: { session: Session }): Promise<PendingReceipt>;
    }
  }
}

/** What the middleware needs: its options, checked. What was left out is that of a middleware further out, if there is one. */
export interface MiddlewareParts {
  ledger: Ledger;
  identify: Identify | undefined;
  capture: Partial<CaptureSettings>;
}

const CAPTURE: CaptureSettings = { authFailures: true, exports: true, requests: false };

/** Adds `req.audit()`, runs later handlers in the request's scope, and captures events when the response has ended. */
export function createAuditMiddleware({ ledger, identify, capture }: MiddlewareParts): RequestHandler {
  const nobody = identify ? null : new NobodyWarning();
  const settings = { ...CAPTURE, ...capture };
  return (req, res, next) => {
    const outer = findScopeOf(ledger, req, res);
    if (outer) narrow(outer, identify, capture);
    const scope = outer ?? begin(req, res);
    return scope ? runInScope(scope, next) : next();
  };

  /** A request that cannot be followed goes on all the same. */
  function begin(req: Request, res: Response): RequestScope | null {
    try {
      hookRoutersOf(req);
      const trace = new RouteTrace(req, ledger.secrets);
      const scope = new RequestScope(ledger, identify ?? identifyByConvention, req, res, trace);
      req.audit = ((event, options) => ledger.eventIn(scope, event, options)) as Request['audit'];
      scope.exchange = new Exchange(req, res, scope, settings, nobody);
      return scope;
    } catch (cause) {
      ledger.report(
        new Error('A request could not be followed, and goes on without being captured', { cause }),
      );
      return null;
    }
  }
}

/** The options of an inner middleware hold for what is below it. */
function narrow(
  scope: RequestScope,
  identify: Identify | undefined,
  capture: Partial<CaptureSettings>,
): void {
  if (identify) scope.identify = identify;
  scope.exchange?.configure(capture);
}
