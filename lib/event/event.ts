import type { ActorType, Outcome } from '../vocabulary';
import type { Identifier } from './identifier';

// Here, where the declarations of every face of the package lead.
declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- as Express has it: applications add to it
  namespace AuditLedger {
    /** `interface Types { action: 'org.member.invite' | 'org.member.remove' }` has the compiler check `req.audit()`. */
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- what an application declares is added
    interface Types {}
  }
}

/** The actions that the application has declared in `AuditLedger.Types`; any, where it has not. */
export type KnownAction = AuditLedger.Types extends { action: infer Action extends string } ? Action : string;

/** Who did it; `onBehalfOf` names whom an impersonating actor acted for. */
export interface Actor {
  id: Identifier;
  type?: ActorType | null | undefined;
  name?: string | null | undefined;
  onBehalfOf?: Identifier | Actor | StoredDocument | null | undefined;
}

/** What it was done to. */
export interface Resource {
  id: Identifier;
  type?: string | null | undefined;
  name?: string | null | undefined;
}

/** A whole document of the application's, such as one of Mongoose: it is known by its id, its type and its name. */
export interface StoredDocument {
  _id: unknown;
}

/** Where an event came from. Strings hold at most 1,024 characters, longer ones are cut; times are milliseconds. */
export interface EventContext {
  ipAddress?: string | null | undefined;
  userAgent?: string | null | undefined;
  method?: string | null | undefined;
  route?: string | null | undefined;
  path?: string | null | undefined;
  statusCode?: number | null | undefined;
  durationMs?: number | null | undefined;
  requestId?: string | null | undefined;
  traceId?: string | null | undefined;
}

/**
 * What a caller says happened. `null` is absent, but for `before` and `after`. A text beyond its length is cut and ends in
 * `…`, an id with a digest behind that; what is no text where one belongs becomes one.
 */
export interface AuditEvent<Action extends string = string> {
  /** 1–256 characters, by convention dotted lower-case names such as `org.member.invite`. */
  action: Action;
  /** 1–256 characters; the request's, or the ledger's `defaultTenant`, when left out. */
  tenantId?: Identifier | null | undefined;
  /** The request's, or `anonymous`, when left out; `anonymous` when empty. */
  actor?: Identifier | Actor | StoredDocument | null | undefined;
  resource?: Identifier | Resource | StoredDocument | null | undefined;
  /** `success` when left out. */
  outcome?: Outcome | null | undefined;
  /** Any JavaScript object; becomes JSON. */
  metadata?: object | null | undefined;
  /** State of the resource before the change; `null` is kept. */
  before?: unknown;
  /** State of the resource after the change; `null` is kept. */
  after?: unknown;
  /** When it happened: a `Date` or an RFC 3339 string with a zone; now when left out. */
  occurredAt?: Date | string | null | undefined;
  /** Idempotency key within the tenant, 1–128 characters; a UUIDv7 when left out. */
  id?: string | null | undefined;
  /** The request's when left out. */
  context?: EventContext | null | undefined;
}

/** What a request, or whatever else surrounds the caller, knows about an event. */
export interface Origin {
  actor?: Identifier | Actor | StoredDocument | null | undefined;
  tenantId?: Identifier | null | undefined;
  context?: EventContext | undefined;
}
