import type { Audit } from '../../lib/audit';
import { createAudit } from '../../models/create-audit';
import type { AuditOptions } from '../../models/create-audit';
import { type AsyncModuleOptions, describeModule, type ModuleFrame } from './describe-module';
import type { ModuleOptions } from './options';
import type { DynamicModule } from './own-nest';

export { Audit as AuditService } from '../../lib/audit';
export { Audited, type AuditedCall, type AuditedOptions } from './audited';
export { Exempt, Sensitive } from './exempt';
export type { AuditTrailOptions } from './options';
export type { DynamicModule } from './own-nest';
export { type AuditOptions, createAudit } from '../../models/create-audit';

/** A request of Express or Fastify, with its own call. */
export interface AuditedRequest {
  /** Records an event with this request's actor, tenant and context; see `AuditService.event`. */
  audit: Audit['event'];
}

/** Options of the module. */
export type AuditModuleOptions = ModuleOptions<AuditOptions>;

/** Options of the module that a factory gives, as elsewhere in Nest. */
export type AuditModuleAsyncOptions = AsyncModuleOptions<AuditModuleOptions>;

/**
 * Gives an application of Nest its ledger: the injectable `AuditService`, `req.audit`, the capture of refused requests and
 * exports, and the trail.
 */
// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- what a module of Nest is
export class AuditModule {
  /** @throws AuditError `INVALID_OPTIONS`, when Nest makes the application. */
  static forRoot({
    isGlobal,
    imports,
    guards,
    ...options
  }: AuditModuleOptions & ModuleFrame = {}): DynamicModule {
    return describeModule(AuditModule, { isGlobal, imports, guards, useFactory: () => options }, createAudit);
  }

  /** @throws AuditError `INVALID_OPTIONS`, when Nest makes the application. */
  static forRootAsync(options: AuditModuleAsyncOptions): DynamicModule {
    return describeModule(AuditModule, options, createAudit);
  }
}
