import type { Context } from 'koa';
import type { Audit } from '../../lib/audit';
import { AuditError } from '../../lib/errors';
import type { TrailParts } from '../http/api/trail-api';
import type { CollectorParts } from '../http/collector/collector-api';
import { type CollectorOptions, parseCollectorOptions } from '../http/collector/options';
import type * as Capture from '../http/capture';
import type * as Identity from '../http/identity';
import {
  type CapturingOptions,
  type CapturingParts,
  parseCapturingOptions,
  type OwnOption,
  parseTrailOptions,
  type TrailOptions,
} from '../http/options';

type Sources = [ctx: Context];

/** Reads the identity from a context. Called when an event is recorded, so after authentication middleware. */
export type Identify = Identity.Identify<Context>;

/** On (what the rule says), off, or decided for each response: `true` records it, `undefined` leaves it to the rule. */
export type CaptureSwitch = Capture.CaptureSwitch<Sources>;

/** What is recorded without a call in a handler. */
export type CaptureOptions = Capture.CaptureOptions<Sources>;

/** Options of `auditMiddleware`. */
export type AuditMiddlewareOptions = CapturingOptions<Sources>;

/** Options of `auditRoutes`. */
export interface AuditRoutesOptions extends TrailOptions<Context> {
  /** The path that the trail is at; what is elsewhere is passed on. Left out where a router or `koa-mount` chooses the path. */
  prefix?: string | undefined;
}

/** Options of `auditCollector`. */
export interface AuditCollectorOptions extends CollectorOptions {
  /** As that of `auditRoutes`. */
  prefix?: string | undefined;
}

const PREFIX = [
  'prefix',
  'a path such as /audit, without a slash at its end',
  (value: unknown) => typeof value === 'string' && /^\/.*[^/]$/.test(value),
] satisfies OwnOption;

/** @throws AuditError `INVALID_OPTIONS`. */
export function parseMiddlewareOptions(
  options: AuditMiddlewareOptions,
  sharedAudit: () => Audit,
): CapturingParts {
  assertNoContext('auditMiddleware', options);
  return parseCapturingOptions('auditMiddleware', options, sharedAudit);
}

/** @throws AuditError `INVALID_OPTIONS`. */
export function parseRoutesOptions(options: AuditRoutesOptions, sharedAudit: () => Audit): TrailParts {
  assertNoContext('auditRoutes', options);
  return parseTrailOptions('auditRoutes', options, sharedAudit, [PREFIX]);
}

/** @throws AuditError `INVALID_OPTIONS`. */
export function parseOptionsOfCollector(
  options: AuditCollectorOptions,
  sharedAudit: () => Audit,
): CollectorParts {
  assertNoContext('auditCollector', options);
  return parseCollectorOptions(options, sharedAudit, [PREFIX]);
}

/** The mistake `app.use(auditMiddleware)`, where Koa passes a context instead of options. */
function assertNoContext(name: string, options: object): void {
  if (!('originalUrl' in options && 'req' in options)) return;
  throw new AuditError('INVALID_OPTIONS', `${name} is to be called when it is mounted: app.use(${name}()).`);
}
