import type { Audit } from '../../lib/audit';
import { type AuditOptions, createIdleAudit, createOneAudit, oneAudit } from '../../models/one-audit';
import { createAudited, type Handler } from './audited';
import { isBuilding, isDeveloping } from './next-modules';
import type { AuditedOptions, AuditRouterOptions } from './options';
import { type AuditRouter, createTrail, toHandlers } from './trail-handler';

export type { Audit } from '../../lib/audit';
export type { AuditOptions } from '../../models/one-audit';
export type { EventOptions, PendingReceipt } from '../../lib/event-options';
export type { Entry, Receipt } from '../../lib/chain/entry';
export type { Json, JsonObject } from '../../lib/chain/json';
export { AuditError, type AuditErrorCode, isAuditError } from '../../lib/errors';
export type { ExportQuery } from '../../lib/read/export-query';
export type { ListQuery } from '../../lib/read/list-query';
export type { EntryPage } from '../../lib/read/read-entries';
export type { Actor, AuditEvent, EventContext, Origin, Resource } from '../../lib/event/event';
export type { Session } from '../../lib/store/store';
export type { ActorType, Outcome } from '../../lib/vocabulary';
export type { Batch, CommittedBatch } from '../../lib/write/batch';
export type { RecordAccess } from '../http/api/record-access';
export type { Permission } from '../http/api/admission';
export type { Identity } from '../http/identity';
export type { ClientIp } from './client-ip';
export { closeBeforeExit } from './close-before-exit';
export type { Handler } from './audited';
export type {
  AuditedOptions,
  AuditRouterOptions,
  CaptureOptions,
  CaptureSwitch,
  Identify,
  RequestContext,
} from './options';
export type { Params } from './route';
export type { AuditRouter } from './trail-handler';
export { withAuditLedger } from './with-audit-ledger';

/**
 * Makes a ledger, or gives the one that this process has with these options: Next loads a module several times, and in
 * development again with each edit, which replaces the ledger where its options were edited. During `next build` it
 * records nothing and needs no database.
 * @throws AuditError `INVALID_OPTIONS`, also for a second ledger with other options on the same collections.
 */
export function createAudit<const Action extends string = string>(
  options: AuditOptions<Action> = {},
): Audit<Action> {
  if (isBuilding()) return createIdleAudit<Action>(options, BUILDING);
  return createOneAudit<Action>(options, { isReplaced: isDeveloping() });
}

const BUILDING =
  'nothing is recorded during `next build`, which renders this route once for all: make the route dynamic, such as by headers()';

/**
 * Follows a route handler, a server action or a proxy: events in it have its actor, tenant and context, and refused
 * requests and exports are captured. It keeps its type.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function audited<Wrapped extends Handler>(handler: Wrapped, options: AuditedOptions = {}): Wrapped {
  return createAudited(handler, options, oneAudit);
}

/**
 * The trail of the request's tenant and its page, for `toNextHandler`.
 * @throws AuditError `INVALID_OPTIONS`.
 */
export function auditRouter(options: AuditRouterOptions = {}): AuditRouter {
  return createTrail(options, oneAudit);
}

/** The handlers of `app/audit/[[...path]]/route.ts`: `export const { GET, HEAD } = toNextHandler(auditRouter())`. */
export function toNextHandler(router: AuditRouter): Record<'GET' | 'HEAD', AuditRouter['answer']> {
  return toHandlers(router);
}
