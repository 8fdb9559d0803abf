import { Hono } from 'hono';
import type { MiddlewareHandler } from 'hono';
import { parseTrailOptions } from '../http/options';
import { sharedAudit } from '../../models/create-audit';
import { type AuditVariables, createAuditMiddleware } from './audit-middleware';
import { createAuditRouter } from './audit-router';
import { type AuditMiddlewareOptions, type AuditRouterOptions, parseMiddlewareOptions } from './options';

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
  return createAuditRouter(parseTrailOptions('auditRouter', options, sharedAudit), new Hono());
}
