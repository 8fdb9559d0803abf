import { type Audit, ledgerOf } from '../../../lib/audit';
import { omitUndefined } from '../../../lib/util/omit-undefined';
import { RECORD_ACCESS, type RecordAccess } from '../api/record-access';
import { checkCommon, checkLimits, isCount, type OwnOption } from '../options';
import type { CollectorLimits, CollectorParts } from './collector-api';

/** Options of `auditCollector`. */
export interface CollectorOptions {
  /** The shared ledger on mongoose's default connection when left out. */
  audit?: Audit | undefined;
  limits?: Partial<CollectorLimits> | undefined;
  /** Which reads by keys are recorded: `exports` when left out, `all` (also as `audit.read`), or `none`. */
  recordAccess?: RecordAccess | undefined;
  /** How long an answer waits for its events to become durable, in milliseconds: 10,000 when left out. Then it is 503. */
  timeoutMs?: number | undefined;
}

const LIMITS: CollectorLimits = {
  bytes: 1024 * 1024,
  events: 1_000,
  requestsPerSecond: 5_000,
  eventsPerSecond: 50_000,
};

const PATIENCE = 10_000;

/** @throws AuditError `INVALID_OPTIONS` with every bad option. */
export function parseCollectorOptions(
  options: object,
  sharedAudit: () => Audit,
  own: readonly OwnOption[] = [],
): CollectorParts {
  checkCollectorOptions(options, own);
  const { audit, limits = {}, recordAccess = 'exports', timeoutMs = PATIENCE } = options as CollectorOptions;
  return {
    ledger: ledgerOf(audit ?? sharedAudit()),
    limits: { ...LIMITS, ...omitUndefined(limits) },
    recordAccess,
    patience: timeoutMs,
  };
}

/**
 * The check alone, where the shared ledger is to be met later.
 * @throws AuditError `INVALID_OPTIONS` with every bad option.
 */
export function checkCollectorOptions(options: object, own: readonly OwnOption[] = []): void {
  const known = ['audit', 'limits', 'recordAccess', 'timeoutMs'];
  const complaints = checkCommon('auditCollector', options, known, own);
  const { limits = {}, recordAccess = 'exports', timeoutMs = PATIENCE } = options as CollectorOptions;
  if (!RECORD_ACCESS.includes(recordAccess))
    complaints.add('recordAccess', `one of ${RECORD_ACCESS.join(', ')}`, recordAccess);
  if (!isCount(timeoutMs)) complaints.add('timeoutMs', 'a whole number from 1', timeoutMs);
  checkLimits(complaints, limits, Object.keys(LIMITS));
  complaints.assertNone('INVALID_OPTIONS', 'auditCollector cannot use its options');
}
