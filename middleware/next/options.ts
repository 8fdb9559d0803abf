import type { Audit } from '../../lib/audit';
import type { Permission } from '../http/api/admission';
import type { KnownAction } from '../../lib/event/event';
import type { AuditedOptions as AuditedOptionsOf } from '../http/audited';
import type { Identifier } from '../../lib/event/identifier';
import type { CaptureOptions as CaptureOptionsOf, CaptureSwitch as CaptureSwitchOf } from '../http/capture';
import type { CollectorOptions } from '../http/collector/options';
import type { Identity } from '../http/identity';
import type { OwnOption, TrailOptions } from '../http/options';
import { CLIENT_IP_RULE, type ClientIp, isClientIp } from './client-ip';
import type { Params } from './route';

/** What is known of a request beside itself. */
export interface RequestContext {
  /** Those of the route; a server action has none. */
  params: Params;
}

/**
 * Reads the identity from a request. Asked once, before the handler. Of a server action, where Next shows no request, it is
 * one with the method `POST` and the request's headers.
 */
export type Identify = (
  request: Request,
  context: RequestContext,
) => Identity | null | undefined | Promise<Identity | null | undefined>;

/** What a capture is decided by. There is no response where Next makes it from something that the handler threw. */
type Sources = [request: Request, response: Response | undefined];

/** On (what the rule says), off, or decided for each response: `true` records it, `undefined` leaves it to the rule. */
export type CaptureSwitch = CaptureSwitchOf<Sources>;

/** What is recorded without a call in a handler. */
export type CaptureOptions = CaptureOptionsOf<Sources>;

/** Options of `audited`. */
export interface AuditedOptions {
  /** The ledger on mongoose's default connection when left out. */
  audit?: Audit | undefined;
  /** Nobody when left out. */
  identify?: Identify | undefined;
  capture?: CaptureOptions | undefined;
  /** Where the client's address comes from; none is recorded when left out. */
  clientIp?: ClientIp | undefined;
  /** What is recorded once the handler has answered or thrown, with the outcome that the status says. */
  record?: ({ action: KnownAction } & AuditedOptionsOf<Sources>) | undefined;
  /** Why the handler needs no event, for the report of `auditCoverage`. */
  exempt?: string | undefined;
  /** What the handler shows that is sensitive, for the report of `auditCoverage`. */
  sensitive?: string | undefined;
}

/** Options of `auditCollector`. */
export interface AuditCollectorOptions extends CollectorOptions {
  /** Where the caller's address comes from, for what is told of refused keys; none is told when left out. */
  clientIp?: ClientIp | undefined;
}

/** Options of `auditRouter`: what is asked of a request is given the parameters of its route as well. */
export interface AuditRouterOptions extends Omit<TrailOptions<Request>, 'identify' | 'tenant' | 'authorize'> {
  /** That of `audited` around the handler when left out. */
  identify?: Identify | undefined;
  /** Whose trail a request sees; the tenant of `identify` when left out. */
  tenant?:
    | ((
        request: Request,
        context: RequestContext,
      ) => Identifier | undefined | Promise<Identifier | undefined>)
    | undefined;
  /** When left out, every identified member of the tenant has all permissions. */
  authorize?:
    | ((request: Request, permission: Permission, context: RequestContext) => boolean | Promise<boolean>)
    | undefined;
  /** Where the client's address comes from; none is recorded when left out. */
  clientIp?: ClientIp | undefined;
}

export const OWN_OPTIONS: readonly OwnOption[] = [['clientIp', CLIENT_IP_RULE, isClientIp]];
