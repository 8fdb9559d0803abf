import { IncomingMessage } from 'node:http';
import type { Request } from 'express';
import { type Audit, isAudit, ledgerOf } from '../../lib/audit';
import { assertOptions, Complaints, isObject } from '../../lib/util/complaints';
import { AuditError } from '../../lib/errors';
import { omitUndefined } from '../../lib/util/omit-undefined';
import type { Identifier } from '../../lib/event/identifier';
import type { MiddlewareParts } from './audit-middleware';
import { RECORD_ACCESS, type RecordAccess } from '../http/api/record-access';
import type { Permission } from '../http/api/admission';
import type { RouterParts } from './audit-router';
import type { CaptureOptions } from '../http/capture';
import type { Identify } from '../http/identity';

/** Options of `auditMiddleware`. */
export interface AuditMiddlewareOptions {
  /** The shared ledger on mongoose's default connection when left out. */
  audit?: Audit | undefined;
  /** Reads `req.auth`, `req.user` and `req.session` when left out. */
  identify?: Identify | undefined;
  capture?: CaptureOptions | undefined;
}

/** Options of `auditRouter`. */
export interface AuditRouterOptions {
  /** The shared ledger on mongoose's default connection when left out. */
  audit?: Audit | undefined;
  /** That of `auditMiddleware` when left out. */
  identify?: Identify | undefined;
  /** Whose trail a request sees; the tenant of `identify` when left out. */
  tenant?: ((req: Request) => Identifier | undefined | Promise<Identifier | undefined>) | undefined;
  /** When left out, every identified member of the tenant has all permissions. */
  authorize?: ((req: Request, permission: Permission) => boolean | Promise<boolean>) | undefined;
  /** Which reads of the trail are recorded in it: `exports` when left out, `all` (also as `audit.read`), or `none`. */
  recordAccess?: RecordAccess | undefined;
}

const CAPTURES = ['authFailures', 'exports', 'requests'] satisfies (keyof CaptureOptions)[];

/** @throws AuditError `INVALID_OPTIONS`. */
export function parseMiddlewareOptions(
  options: AuditMiddlewareOptions,
  sharedAudit: () => Audit,
): MiddlewareParts {
  const complaints = checkCommon('auditMiddleware', options, ['audit', 'identify', 'capture']);
  const { audit, identify, capture = {} } = options;
  checkFunctions(complaints, options, ['identify']);
  if (!isObject(capture)) complaints.add('capture', 'an object', capture);
  else checkCapture(complaints, capture);
  complaints.assertNone('INVALID_OPTIONS', 'auditMiddleware cannot use its options');
  return {
    ledger: ledgerOf(audit ?? sharedAudit()),
    identify,
    capture: omitUndefined(capture),
  };
}

/** @throws AuditError `INVALID_OPTIONS`. */
export function parseRouterOptions(options: AuditRouterOptions, sharedAudit: () => Audit): RouterParts {
  const complaints = checkCommon('auditRouter', options, [
    'audit',
    'identify',
    'tenant',
    'authorize',
    'recordAccess',
  ]);
  const { audit, identify, tenant, authorize = () => true, recordAccess = 'exports' } = options;
  checkFunctions(complaints, options, ['identify', 'tenant', 'authorize']);
  if (!RECORD_ACCESS.includes(recordAccess))
    complaints.add('recordAccess', `one of ${RECORD_ACCESS.join(', ')}`, recordAccess);
  complaints.assertNone('INVALID_OPTIONS', 'auditRouter cannot use its options');
  return { ledger: ledgerOf(audit ?? sharedAudit()), identify, tenant, authorize, recordAccess };
}

/** Also detects the mistake `app.use(auditMiddleware)`, where Express passes a request instead of options. */
function checkCommon(name: string, options: unknown, known: string[]): Complaints {
  if (options instanceof IncomingMessage) {
    throw new AuditError(
      'INVALID_OPTIONS',
      `${name} is to be called when it is mounted: app.use(${name}()).`,
    );
  }
  assertOptions(name, options);
  const complaints = new Complaints();
  complaints.unknownFields(options, known);
  const { audit } = options as { audit?: unknown };
  if (audit !== undefined && !isAudit(audit)) complaints.add('audit', 'what createAudit() gave', audit);
  return complaints;
}

function checkFunctions(complaints: Complaints, options: object, names: string[]): void {
  for (const [name, value] of Object.entries(options)) {
    if (names.includes(name) && value !== undefined && typeof value !== 'function')
      complaints.add(name, 'a function', value);
  }
}

function checkCapture(complaints: Complaints, capture: object): void {
  complaints.unknownFields(capture, CAPTURES, 'capture.');
  for (const [name, value] of Object.entries(capture)) {
    if (value === undefined || typeof value === 'boolean' || typeof value === 'function') continue;
    complaints.add(`capture.${name}`, 'true, false or a function of (req, res)', value);
  }
}
