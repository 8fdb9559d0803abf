import { type Audit, isAudit, ledgerOf } from '../../lib/audit';
import type { Ledger } from '../../lib/ledger';
import { assertOptions, Complaints, isObject } from '../../lib/util/complaints';
import { omitUndefined } from '../../lib/util/omit-undefined';
import type { Authorize, ChooseTenant } from './api/admission';
import { RECORD_ACCESS, type RecordAccess } from './api/record-access';
import { checkPageOptions, PAGE_OPTIONS } from './api/page-settings';
import { TRAIL_LIMITS, type TrailLimits } from './api/reading-limits';
import type { TrailParts } from './api/trail-api';
import { CAPTURES, type CaptureOptions, type CaptureSettings } from './capture';
import type { Identify } from './identity';

/** Options of what captures requests. `Sources` are the framework's own objects: of Express, a request and a response. */
export interface CapturingOptions<Sources extends readonly [unknown, ...unknown[]]> {
  /** The shared ledger on mongoose's default connection when left out. */
  audit?: Audit | undefined;
  /** Reads `auth`, `user` and `session` of the request when left out. */
  identify?: Identify<Sources[0]> | undefined;
  capture?: CaptureOptions<Sources> | undefined;
}

/** Options of what serves a tenant's trail. */
export interface TrailOptions<Source> {
  /** The shared ledger on mongoose's default connection when left out. */
  audit?: Audit | undefined;
  /** That of the request's capture when left out. */
  identify?: Identify<Source> | undefined;
  /** Whose trail a request sees; the tenant of `identify` when left out. */
  tenant?: ChooseTenant<Source> | undefined;
  /** When left out, every identified member of the tenant has all permissions. */
  authorize?: Authorize<Source> | undefined;
  /** Which reads of the trail are recorded in it: `exports` when left out, `all` (also as `audit.read`), or `none`. */
  recordAccess?: RecordAccess | undefined;
  /** What one actor may ask for: docs/limits.md. */
  limits?: Partial<TrailLimits> | undefined;
  /** What the page is called, such as the name of your product; `Audit trail`, in the reader's language, when left out. */
  title?: string | undefined;
  /** Where the page links back to: a path of the same server, or an address with `https:` or `http:`. */
  home?: string | undefined;
  /** Other origins whose pages may frame the page, such as `https://app.example.com`; none when left out. */
  frameAncestors?: readonly string[] | undefined;
  /**
   * Whether the page signs its requests with a token that it asks the page around it for, in place of cookies. The page
   * itself, which holds no data, is then shown to anybody.
   */
  bearer?: boolean | undefined;
}

/** What captures requests needs: its options, checked. What was left out is that of one further out, if there is one. */
export interface CapturingParts {
  ledger: Ledger;
  identify: Identify | undefined;
  capture: Partial<CaptureSettings>;
}

/** An option that a framework has beside the others: its name, what it must be, and whether a value is that. */
export type OwnOption = readonly [name: string, rule: string, isValid: (value: unknown) => boolean];

/**
 * @param name of the function that was given the options, for its complaints
 * @throws AuditError `INVALID_OPTIONS`
 */
export function parseCapturingOptions(
  name: string,
  options: object,
  sharedAudit: () => Audit,
  own: readonly OwnOption[] = [],
): CapturingParts {
  checkCapturingOptions(name, options, own);
  const { audit, identify, capture } = options as CapturingOptions<[never]>;
  return { ledger: ledgerOf(audit ?? sharedAudit()), identify, capture: omitUndefined(capture ?? {}) };
}

/**
 * The check alone, where the shared ledger is to be met later.
 * @throws AuditError `INVALID_OPTIONS`
 */
export function checkCapturingOptions(name: string, options: object, own: readonly OwnOption[] = []): void {
  const complaints = checkCommon(name, options, ['audit', 'identify', 'capture'], own);
  const { capture = {} } = options as CapturingOptions<[never]>;
  checkFunctions(complaints, options, ['identify']);
  if (!isObject(capture)) complaints.add('capture', 'an object', capture);
  else checkCapture(complaints, capture);
  complaints.assertNone('INVALID_OPTIONS', `${name} cannot use its options`);
}

/**
 * @param name of the function that was given the options, for its complaints
 * @throws AuditError `INVALID_OPTIONS`
 */
export function parseTrailOptions(
  name: string,
  options: object,
  sharedAudit: () => Audit,
  own: readonly OwnOption[] = [],
): TrailParts {
  checkTrailOptions(name, options, own);
  const given = options as TrailOptions<never>;
  const { audit, identify, tenant, authorize = () => true, recordAccess = 'exports', limits = {} } = given;
  const { title, home, frameAncestors = [], bearer = false } = given;
  const page = { title, home, frameAncestors: [...frameAncestors], bearer };
  return {
    ledger: ledgerOf(audit ?? sharedAudit()),
    identify,
    tenant,
    authorize,
    recordAccess,
    limits,
    page,
  };
}

/**
 * The check alone, where the shared ledger is to be met later.
 * @throws AuditError `INVALID_OPTIONS`
 */
export function checkTrailOptions(name: string, options: object, own: readonly OwnOption[] = []): void {
  const known = ['audit', 'identify', 'tenant', 'authorize', 'recordAccess', 'limits', ...PAGE_OPTIONS];
  const complaints = checkCommon(name, options, known, own);
  const { recordAccess = 'exports', limits = {} } = options as TrailOptions<never>;
  checkFunctions(complaints, options, ['identify', 'tenant', 'authorize']);
  if (!RECORD_ACCESS.includes(recordAccess))
    complaints.add('recordAccess', `one of ${RECORD_ACCESS.join(', ')}`, recordAccess);
  checkLimits(complaints, limits, Object.keys(TRAIL_LIMITS));
  checkPageOptions(options, complaints);
  complaints.assertNone('INVALID_OPTIONS', `${name} cannot use its options`);
}

/** What is wrong with options that all have in common; who asks adds the rest. */
export function checkCommon(
  name: string,
  options: object,
  known: readonly string[],
  own: readonly OwnOption[],
): Complaints {
  assertOptions(name, options);
  const complaints = new Complaints();
  complaints.unknownFields(options, [...known, ...own.map(([name]) => name)]);
  const given = options as Record<string, unknown>;
  const { audit } = given;
  if (audit !== undefined && !isAudit(audit)) complaints.add('audit', 'what createAudit() gave', audit);
  for (const [name, rule, isValid] of own)
    if (given[name] !== undefined && !isValid(given[name])) complaints.add(name, rule, given[name]);
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

/** Limits are numbers of something. */
export function checkLimits(complaints: Complaints, limits: unknown, known: readonly string[]): void {
  if (!isObject(limits)) return complaints.add('limits', 'an object', limits);
  complaints.unknownFields(limits, known, 'limits.');
  for (const [name, value] of Object.entries(limits))
    if (value !== undefined && known.includes(name) && !isCount(value))
      complaints.add(`limits.${name}`, 'a whole number from 1', value);
}

/** Whether a value is a whole number from 1 that timers take, too. */
export function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) > 0 && Number(value) <= 2_147_483_647;
}
