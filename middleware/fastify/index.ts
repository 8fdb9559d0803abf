import type { FastifyInstance, FastifyPluginCallback, FastifyPluginOptions } from 'fastify';
import { closeSharedAudit, sharedAudit } from '../../models/create-audit';
import { followRequests } from './audit-plugin';
import { routeApi } from './audit-routes';
import { TrailApi } from '../http/api/trail-api';
import { CollectorApi } from '../http/collector/collector-api';
import type { CollectorOptions } from '../http/collector/options';
import {
  type AuditPluginOptions,
  type AuditRoutesOptions,
  parseOptionsOfCollector,
  parsePluginOptions,
  parseRoutesOptions,
} from './options';

export { audited, type AuditedRouteOptions, exempt, sensitive } from './route-helpers';
export type { AuditCall } from '../node/request-follower';
export type { Permission } from '../http/api/admission';
export type { CollectorLimits } from '../http/collector/collector-api';
export type { CollectorOptions } from '../http/collector/options';
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
export const auditPlugin: FastifyPluginCallback<AuditPluginOptions> = pluginOf(
  'express-audit-ledger',
  (instance, options: AuditPluginOptions) => {
    followRequests(instance, parsePluginOptions(options, sharedAudit));
    if (options.audit === undefined) instance.addHook('onClose', closeSharedAudit);
  },
);

/** A read-only HTTP API on the trail of the request's tenant, and its page, below `prefix`. Register it behind authentication. */
export const auditRoutes: FastifyPluginCallback<AuditRoutesOptions> = pluginOf(
  'express-audit-ledger/trail',
  (instance, options: AuditRoutesOptions) =>
    routeApi(instance, new TrailApi(parseRoutesOptions(options, sharedAudit)), false),
);

/**
 * Takes events over HTTP from services that hold no database, by API keys, and gives them their tenants' trails, below
 * `prefix`: docs/collector.md.
 */
export const auditCollector: FastifyPluginCallback<CollectorOptions> = pluginOf(
  'express-audit-ledger/collector',
  (instance, options: CollectorOptions) =>
    routeApi(instance, new CollectorApi(parseOptionsOfCollector(options, sharedAudit)), true),
);

// What `fastify-plugin` does: the hooks are those of the instance on which the plugin is registered.
Object.assign(auditPlugin, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('plugin-meta')]: { name: 'express-audit-ledger', fastify: '4.x || 5.x' },
});

/** A plugin for all versions of Fastify. What one throws, Fastify would take for a plugin that never ends. */
function pluginOf<Options extends FastifyPluginOptions>(
  name: string,
  start: (instance: FastifyInstance, options: Options) => void,
): FastifyPluginCallback<Options> {
  const plugin: FastifyPluginCallback<Options> = (instance, options, done) => {
    try {
      start(instance, options);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
  return Object.assign(plugin, { [Symbol.for('fastify.display-name')]: name });
}
