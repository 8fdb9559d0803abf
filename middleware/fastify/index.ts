import type { FastifyPluginCallback } from 'fastify';
import { closeSharedAudit, sharedAudit } from '../../models/create-audit';
import { followRequests } from './audit-plugin';
import { routeTrail } from './audit-routes';
import {
  type AuditPluginOptions,
  type AuditRoutesOptions,
  parsePluginOptions,
  parseRoutesOptions,
} from './options';

export type { AuditCall } from '../node/request-follower';
export type { Permission } from '../http/api/admission';
export type { RecordAccess } from '../http/api/record-access';
export type { Identity } from '../http/identity';
export type {
  AuditPluginOptions,
  AuditRoutesOptions,
  CaptureOptions,
  CaptureSwitch,
  Identify,
} from './options';

/**
 * Adds `request.audit()` to each request, and captures refused requests and exports. Register it before all other plugins,
 * without a wait between. The shared ledger, which it takes when it is given none, closes with the application.
 */
export const auditPlugin: FastifyPluginCallback<AuditPluginOptions> = (instance, options, done) => {
  followRequests(instance, parsePluginOptions(options, sharedAudit));
  if (options.audit === undefined) instance.addHook('onClose', closeSharedAudit);
  done();
};

/** A read-only HTTP API on the trail of the request's tenant, and its page, below `prefix`. Register it behind authentication. */
export const auditRoutes: FastifyPluginCallback<AuditRoutesOptions> = (instance, options, done) => {
  routeTrail(instance, parseRoutesOptions(options, sharedAudit));
  done();
};

// What `fastify-plugin` does: the hooks are those of the instance on which the plugin is registered.
Object.assign(auditPlugin, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'express-audit-ledger',
  [Symbol.for('plugin-meta')]: { name: 'express-audit-ledger', fastify: '4.x || 5.x' },
});
Object.assign(auditRoutes, { [Symbol.for('fastify.display-name')]: 'express-audit-ledger/trail' });
