import type { Middleware } from 'koa';
import { sharedAudit } from '../../models/create-audit';
import { createAuditMiddleware } from './audit-middleware';
import { createAuditRoutes } from './audit-routes';
import {
  type AuditMiddlewareOptions,
  type AuditRoutesOptions,
  parseMiddlewareOptions,
  parseRoutesOptions,
} from './options';

export type { AuditContext } from './audit-middleware';
export type { AuditCall } from '../node/request-follower';
export type { Permission } from '../http/api/admission';
export type { RecordAccess } from '../http/api/record-access';
export type { Identity } from '../http/identity';
export type {
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
  return createAuditRoutes(parseRoutesOptions(options, sharedAudit), options.prefix);
}
