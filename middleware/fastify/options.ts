import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Audit } from '../../lib/audit';
import type { TrailParts } from '../http/api/trail-api';
import type { CollectorParts } from '../http/collector/collector-api';
import { type CollectorOptions, parseCollectorOptions } from '../http/collector/options';
import type * as Capture from '../http/capture';
import type * as Identity from '../http/identity';
import {
  type CapturingOptions,
  type CapturingParts,
  parseCapturingOptions,
  parseTrailOptions,
  type TrailOptions,
} from '../http/options';
import type { AuditCall } from '../node/request-follower';

// Here, where the declarations of the binding's face lead: those of what only runs are left out of them.
declare module 'fastify' {
  interface FastifyRequest {
    /** Records an event with this request's actor, tenant and context; see `Audit.event`. */
    audit: AuditCall;
  }
}

type Sources = [request: FastifyRequest, reply: FastifyReply];

/** Reads the identity from a request. Called when an event is recorded, so after authentication hooks. */
export type Identify = Identity.Identify<FastifyRequest>;

/** On (what the rule says), off, or decided for each response: `true` records it, `undefined` leaves it to the rule. */
export type CaptureSwitch = Capture.CaptureSwitch<Sources>;

/** What is recorded without a call in a handler. */
export type CaptureOptions = Capture.CaptureOptions<Sources>;

/** Options of `auditPlugin`. */
export type AuditPluginOptions = CapturingOptions<Sources>;

/** Options of `auditRoutes`, beside Fastify's own: `prefix`. */
export type AuditRoutesOptions = TrailOptions<FastifyRequest>;

/** @throws AuditError `INVALID_OPTIONS`. */
export function parsePluginOptions(options: AuditPluginOptions, sharedAudit: () => Audit): CapturingParts {
  return parseCapturingOptions('auditPlugin', withoutOthers(options), sharedAudit);
}

/** @throws AuditError `INVALID_OPTIONS`. */
export function parseRoutesOptions(options: AuditRoutesOptions, sharedAudit: () => Audit): TrailParts {
  return parseTrailOptions('auditRoutes', withoutOthers(options), sharedAudit);
}

/** @throws AuditError `INVALID_OPTIONS`. */
export function parseOptionsOfCollector(options: CollectorOptions, sharedAudit: () => Audit): CollectorParts {
  return parseCollectorOptions(withoutOthers(options), sharedAudit);
}

/** The options of `register` itself, which Fastify passes on to the plugin as well. */
function withoutOthers(options: object): object {
  const { prefix, logLevel, logSerializers, ...own } = options as Record<string, unknown>;
  return own;
}
