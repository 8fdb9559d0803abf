import { builtinOf } from './event/builtin';
import type { RedactOptions } from './event/secrets';
import { isTenantId, TENANT_ID_RULE } from './event/tenant-id';
import { type Complaints, isObject } from './util/complaints';
import { omitUndefined } from './util/omit-undefined';
import { SYSTEM_TENANT } from './vocabulary';
import type { Logger } from './write/signals';

/** Options of whatever records: a ledger, or the client of one. */
export interface RecordingOptions<Action extends string = string> {
  /** The tenant of events that name none, for applications with one tenant. */
  defaultTenant?: string | undefined;
  /** The action names that may be used; others are refused, and are a compile-time error. */
  actions?: readonly Action[] | undefined;
  redact?: RedactOptions | undefined;
  /** `console` when left out. */
  logger?: Logger | undefined;
}

/** JSON takes up to six times its size as BSON, an entry has three such values, and a document 16 MiB. */
const MAX_VALUE_BYTES = 512 * 1024;

/** Notes what is wrong with these options. */
export function checkRecordingOptions(options: RecordingOptions, complaints: Complaints): void {
  const { defaultTenant, actions, redact, logger = console } = options;
  if (defaultTenant !== undefined && (!isTenantId(defaultTenant) || defaultTenant === SYSTEM_TENANT))
    complaints.add('defaultTenant', `${TENANT_ID_RULE}, not \`system\``, defaultTenant);
  if (actions !== undefined && !isStringArray(actions))
    complaints.add('actions', 'an array of names', actions);
  if (redact !== undefined) checkRedact(redact, complaints);
  if (!isObject(logger) || typeof logger['warn'] !== 'function' || typeof logger['error'] !== 'function') {
    complaints.add('logger', 'an object with `warn` and `error`', logger);
  }
}

/**
 * Bounds, as whole numbers from 1.
 * @param bounds the largest that some may be
 */
export function parseLimits<Bounds extends object>(
  limits: unknown,
  defaults: Bounds,
  complaints: Complaints,
  bounds: Partial<Record<string, number>> = {},
): Bounds {
  if (limits === undefined) return defaults;
  if (!isObject(limits)) {
    complaints.add('limits', 'an object', limits);
    return defaults;
  }
  complaints.unknownFields(limits, Object.keys(defaults), 'limits.');
  for (const [name, value] of Object.entries(limits)) {
    const most = { valueBytes: MAX_VALUE_BYTES, ...bounds }[name] ?? Number.MAX_SAFE_INTEGER;
    if (value === undefined || (Number.isSafeInteger(value) && Number(value) > 0 && Number(value) <= most))
      continue;
    const upTo = most < Number.MAX_SAFE_INTEGER ? ` to ${most}` : '';
    complaints.add(`limits.${name}`, `a whole number from 1${upTo}`, value);
  }
  return { ...defaults, ...omitUndefined(limits) };
}

/** Members of an entry that cannot be redacted: without them it is in no chain, or says nothing. */
const FIXED = new Set(['action', 'outcome', 'tenantId', 'seq', 'occurredAt', 'recordedAt', 'prevHash']);

function checkRedact(redact: unknown, complaints: Complaints): void {
  if (!isObject(redact)) return complaints.add('redact', 'an object', redact);
  complaints.unknownFields(redact, ['names', 'values', 'replace'], 'redact.');
  const { names = [], values = [], replace = String } = redact;
  if (!isStringArray(names)) complaints.add('redact.names', 'an array of member names', names);
  else
    for (const name of names as string[])
      if (FIXED.has(name)) complaints.add('redact.names', 'without what each entry needs as it is', name);
  if (!Array.isArray(values) || !values.every(isRegExp)) {
    complaints.add('redact.values', 'an array of regular expressions', values);
  }
  if (typeof replace !== 'function') complaints.add('redact.replace', 'a function', replace);
}

function isStringArray(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isRegExp(value: unknown): boolean {
  return typeof value === 'object' && value !== null && builtinOf(value) === 'regexp';
}
