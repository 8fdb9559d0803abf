import type { ActorType, Outcome } from '../vocabulary';
import type { Identifier } from './identifier';

/** Who did it; `onBehalfOf` names whom an impersonating actor acted for. */
export interface Actor {
  id: Identifier;
  type?: ActorType | undefined;
  name?: string | undefined;
  onBehalfOf?: Identifier | undefined;
}

/** What it was done to. */
export interface Resource {
  id: Identifier;
  type?: string | undefined;
  name?: string | undefined;
}

/** Where an event came from. Strings hold at most 1,024 characters; times are milliseconds. */
export interface EventContext {
  ipAddress?: string | undefined;
  userAgent?: string | undefined;
  method?: string | undefined;
  route?: string | undefined;
  path?: string | undefined;
  statusCode?: number | undefined;
  durationMs?: number | undefined;
  requestId?: string | undefined;
  traceId?: string | undefined;
}

/** What a caller says happened. */
export interface AuditEvent<Action extends string = string> {
  /** 1–256 characters, by convention dotted lower-case names such as `org.member.invite`. */
  action: Action;
  /** 1–256 characters; the request's, or the ledger's `defaultTenant`, when left out. */
  tenantId?: Identifier | undefined;
  /** The request's, or `anonymous`, when left out. */
  actor?: Identifier | Actor | undefined;
  resource?: Identifier | Resource | undefined;
  /** `success` when left out. */
  outcome?: Outcome | undefined;
  /** Any JavaScript object; becomes JSON. */
  metadata?: object | undefined;
  /** State of the resource before the change; `null` is kept. */
  before?: unknown;
  /** State of the resource after the change; `null` is kept. */
  after?: unknown;
  /** When it happened: a `Date` or an RFC 3339 string with a zone; now when left out. */
  occurredAt?: Date | string | undefined;
  /** Idempotency key within the tenant, 1–128 characters; a UUIDv7 when left out. */
  id?: string | undefined;
  /** The request's when left out. */
  context?: EventContext | undefined;
}

/** What a request, or whatever else surrounds the caller, knows about an event. */
export interface Origin {
  actor?: Identifier | Actor | undefined;
  tenantId?: Identifier | undefined;
  context?: EventContext | undefined;
}
