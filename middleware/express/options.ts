import { IncomingMessage } from 'node:http';
import type { Audit } from '../../lib/audit';
import { AuditError } from '../../lib/errors';
import type { TrailParts } from '../http/api/trail-api';
import type * as Capture from '../http/capture';
import type * as Identity from '../http/identity';
import {
  type CapturingOptions,
  type CapturingParts,
  parseCapturingOptions,
  parseTrailOptions,
  type TrailOptions,
} from '../http/options';
import type { AuditCall } from '../node/request-follower';
import type { Request, Response } from './types';

// Here, where the declarations of the package's face lead: those of what only runs are left out of them.
declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- Express's own way to extend its request
  namespace Express {
    interface Request {
      /** Records an event with this request's actor, tenant and context; see `Audit.event`. */
      audit: AuditCall;
    }
  }
}

type Sources = [req: Request, res: Response];

/** Reads the identity from a request. Called when an event is recorded, so after authentication middleware. */
export type Identify = Identity.Identify<Request>;

/** On (what the rule says), off, or decided for each response: `true` records it, `undefined` leaves it to the rule. */
export type CaptureSwitch = Capture.CaptureSwitch<Sources>;

/** What is recorded without a call in a handler. */
export type CaptureOptions = Capture.CaptureOptions<Sources>;

/** Options of `auditMiddleware`. */
export type AuditMiddlewareOptions = CapturingOptions<Sources>;

/** Options of `auditRouter`. */
export type AuditRouterOptions = TrailOptions<Request>;

/** @throws AuditError `INVALID_OPTIONS`. */
export function parseMiddlewareOptions(
  options: AuditMiddlewareOptions,
  sharedAudit: () => Audit,
): CapturingParts {
  assertNoRequest('auditMiddleware', options);
  return parseCapturingOptions('auditMiddleware', options, sharedAudit);
}

/** @throws AuditError `INVALID_OPTIONS`. */
export function parseRouterOptions(options: AuditRouterOptions, sharedAudit: () => Audit): TrailParts {
  assertNoRequest('auditRouter', options);
  return parseTrailOptions('auditRouter', options, sharedAudit);
}

/** The mistake `app.use(auditMiddleware)`, where Express passes a request instead of options. */
function assertNoRequest(name: string, options: unknown): void {
  if (!(options instanceof IncomingMessage)) return;
  throw new AuditError('INVALID_OPTIONS', `${name} is to be called when it is mounted: app.use(${name}()).`);
}
