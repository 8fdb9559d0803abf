import type { Middleware } from 'koa';
import { sharedAudit } from '../../models/create-audit';
import { createAuditMiddleware } from './audit-middleware';
import { TrailApi } from '../http/api/trail-api';
import { CollectorApi } from '../http/collector/collector-api';
import { routeApi } from './audit-routes';
import {
  type AuditCollectorOptions,
  type AuditMiddlewareOptions,
  type AuditRoutesOptions,
  parseMiddlewareOptions,
  parseOptionsOfCollector,
  parseRoutesOptions,
} from './options';

export { audited, type AuditedRouteOptions, exempt, sensitive } from './route-helpers';
export type { AuditContext } from './audit-middleware';
export type { AuditCall } from '../node/request-follower';
export type { Permission } from '../http/api/admission';
export type { RecordAccess } from '../http/api/record-access';
export type { Identity } from '../http/identity';
export type { CollectorLimits } from '../http/collector/collector-api';
export type {
  AuditCollectorOptions,
  AuditMiddlewareOptions,
  AuditRoutesOptions,
  CaptureOptions,
  CaptureSwitch,
  Identify,
} from './options';

/** Adds `ctx.audit()` to each request, and captures refused requests and exports. Use it before all other middleware. */
export function auditMiddleware(options: AuditMiddlewareOptions = {}): Middleware {
  return createAuditMiddleware(parseMiddlewareOptions(options, sharedAudit));
}

/**
 * A read-only HTTP API on the trail of the request's tenant, and its page: below `prefix`, below what `koa-mount` says, or in
 * a route of `@koa/router` with a wildcard at its end. Use it behind authentication.
 */
export function auditRoutes(options: AuditRoutesOptions = {}): Middleware {
  return routeApi(new TrailApi(parseRoutesOptions(options, sharedAudit)), options.prefix);
}

/**
 * Takes events over HTTP from services that hold no database, by API keys, and gives them their tenants' trails, where
 * `auditRoutes` could be: docs/collector.md.
 */
export function auditCollector(options: AuditCollectorOptions = {}): Middleware {
  return routeApi(new CollectorApi(parseOptionsOfCollector(options, sharedAudit)), options.prefix);
}
