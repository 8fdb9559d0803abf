import type { Request, RequestHandler } from 'express';
import type { Audit, PendingReceipt } from '../lib/audit';
import type { Receipt } from '../lib/chain/entry';
import type { AuditEvent } from '../lib/record/event';
import type { Session } from '../lib/store';
import { runInScope } from '../lib/record/scope';
import type { CaptureOptions, CaptureSwitch } from './capture';
import { Exchange } from './exchange';
import type { Identify } from './identity';
import { hasScope, RequestScope } from './request-scope';

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

/** What the middleware works with. */
export interface MiddlewareParts {
  audit: Audit;
  identify: Identify;
  capture: Record<keyof CaptureOptions, CaptureSwitch>;
}

/** Adds `req.audit()`, gives the request's scope to all that it calls, and captures when the response has ended. */
export function createAuditMiddleware({ audit, identify, capture }: MiddlewareParts): RequestHandler {
  return (req, res, next) => {
    if (hasScope(req, audit)) return next(); // mounted twice
    const scope = new RequestScope(audit, identify, req, res);
    req.audit = ((event, options) => audit.eventIn(scope, event, options)) as Request['audit'];
    new Exchange(req, res, scope, capture);
    runInScope(scope, next);
  };
}
