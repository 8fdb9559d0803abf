import type { PendingReceipt } from '../../lib/ledger';
import type { Receipt } from '../../lib/chain/entry';
import type { AuditEvent } from '../../lib/event/event';
import type { Session } from '../../lib/store/store';
import { runInScope } from '../../lib/scope';
import { CAPTURE_BY_DEFAULT, type CaptureSettings } from '../http/capture';
import { Exchange } from '../http/exchange';
import { type Identify, identifyByConvention } from '../http/identity';
import { NobodyWarning } from '../http/nobody-warning';
import type { CapturingParts } from '../http/options';
import { findScopeOf, RequestScope } from '../http/request-scope';
import { watchResponse } from '../node/response-watch';
import { ExpressRequest } from './express-request';
import { hookRoutersOf } from './router-steps';
import type { Request, RequestHandler, Response } from './types';

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

/** Adds `req.audit()`, runs later handlers in the request's scope, and captures events when the response has ended. */
export function createAuditMiddleware({ ledger, identify, capture }: CapturingParts): RequestHandler {
  const nobody = identify ? null : new NobodyWarning();
  const settings = { ...CAPTURE_BY_DEFAULT, ...capture };
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
      const request = new ExpressRequest(req, res, ledger.secrets);
      const response = watchResponse(req, res);
      const scope = new RequestScope(ledger, identify ?? identifyByConvention, request, response, req);
      req.audit = ((event, options) => ledger.eventIn(scope, event, options)) as Request['audit'];
      scope.exchange = new Exchange(scope, settings, nobody);
      response.observers.push(scope.exchange);
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
