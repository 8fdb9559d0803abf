import { Hono } from 'hono';
import type { MiddlewareHandler } from 'hono';
import { parseTrailOptions } from '../http/options';
import { sharedAudit } from '../../models/create-audit';
import { type AuditVariables, createAuditMiddleware } from './audit-middleware';
import { TrailApi } from '../http/api/trail-api';
import { CollectorApi } from '../http/collector/collector-api';
import { type CollectorOptions, parseCollectorOptions } from '../http/collector/options';
import { routeApi } from './audit-router';
import { type AuditMiddlewareOptions, type AuditRouterOptions, parseMiddlewareOptions } from './options';

export { audited, type AuditedRouteOptions, exempt, sensitive } from './route-helpers';
export type { CollectorLimits } from '../http/collector/collector-api';
export type { CollectorOptions } from '../http/collector/options';
export type { AuditVariables } from './audit-middleware';
export type { AuditMiddlewareOptions, AuditRouterOptions, CaptureOptions, Identify } from './options';
export { type AuditOptions, createAudit } from '../../models/create-audit';

/** Adds `c.var.audit` to each request, and captures refused requests and exports. Mount it before authentication. */
export function auditMiddleware(
  options: AuditMiddlewareOptions = {},
): MiddlewareHandler<{ Variables: AuditVariables }> {
  return createAuditMiddleware(parseMiddlewareOptions(options, sharedAudit));
}

/** A read-only HTTP API on the trail of the request's tenant, for `app.route('/audit', …)`. Mount it behind authentication. */
export function auditRouter(options: AuditRouterOptions = {}): Hono {
  const api = new TrailApi(parseTrailOptions('auditRouter', options, sharedAudit));
  return routeApi(new Hono(), api, api.paths);
}

/**
 * Takes events over HTTP from services that hold no database, by API keys, and gives them their tenants' trails, for
 * `app.route('/ingest', …)`: docs/collector.md.
 */
export function auditCollector(options: CollectorOptions = {}): Hono {
  return routeApi(new Hono(), new CollectorApi(parseCollectorOptions(options, sharedAudit)));
}
