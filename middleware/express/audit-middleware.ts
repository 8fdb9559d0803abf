import type { Request, RequestHandler } from 'express';
import type { Ledger, PendingReceipt } from '../../lib/ledger';
import type { Receipt } from '../../lib/chain/entry';
import type { AuditEvent } from '../../lib/event/event';
import type { Session } from '../../lib/store/store';
import { runInScope } from '../../lib/scope';
import type { CaptureOptions, CaptureSwitch } from '../http/capture';
import { Exchange } from '../http/exchange';
import type { Identify } from '../http/identity';
import { hasScope, RequestScope } from '../http/request-scope';
import { RouteTrace } from './route-trace';

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

/** What the middleware needs: its options, checked. */
export interface MiddlewareParts {
  ledger: Ledger;
  identify: Identify;
  capture: Record<keyof CaptureOptions, CaptureSwitch>;
}

/** Adds `req.audit()`, runs later handlers in the request's scope, and captures events when the response has ended. */
export function createAuditMiddleware({ ledger, identify, capture }: MiddlewareParts): RequestHandler {
  return (req, res, next) => {
    if (hasScope(req, ledger)) return next(); // the middleware is mounted twice
    const scope = new RequestScope(ledger, identify, req, res, new RouteTrace(req, ledger.secrets));
    req.audit = ((event, options) => ledger.eventIn(scope, event, options)) as Request['audit'];
    new Exchange(req, res, scope, capture);
    runInScope(scope, next);
  };
}
