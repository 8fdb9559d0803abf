import { isDate } from '../event/builtin';
import { isPrintable, parseInstant } from '../event/instant';
import { isLongerThan } from '../event/size-limit';
import { isTenantId, TENANT_ID_RULE } from '../event/tenant-id';
import type { AuditEvent } from '../event/event';
import { type KeyTenants, type Scope, SCOPES } from '../store/key-store';
import { assertOptions, Complaints, isObject } from '../util/complaints';
import { SYSTEM_TENANT } from '../vocabulary';

/** Who takes a step: the scope's actor, or the ledger itself, when left out. */
export interface Step {
  by?: AuditEvent['actor'] | undefined;
}

/** What a new key is to be. */
export interface KeyOptions extends Step {
  /** For people: which service it is for. 1 to 128 characters. */
  name: string;
  scopes: readonly Scope[];
  /** Which tenants' trails: `'any'`, a list, or `{ prefix }`. The ledger's own chain is in none of these. */
  tenants: KeyTenants;
  /** A `Date` or an RFC 3339 text; never when left out. */
  expiresAt?: Date | string | null | undefined;
}

/** What is to remain of a key. What is left out stays. */
export interface NarrowOptions extends Step {
  scopes?: readonly Scope[] | undefined;
  tenants?: KeyTenants | undefined;
  expiresAt?: Date | string | null | undefined;
}

/** How a key gets a new secret. */
export interface RotateOptions extends Step {
  /** How long the secret before stays valid, in seconds: a week when left out. With 0 it ends at once. */
  graceSeconds?: number | undefined;
}

/** Options, checked: instants in milliseconds since 1970. */
export interface ParsedKeyOptions {
  name: string;
  scopes: readonly Scope[];
  tenants: KeyTenants;
  expiresAt: number | null;
}

const NAME_LENGTH = 128;

/** So many tenants a key can list: they are read with each of its requests. */
const MAX_TENANTS = 1_000;

const DEFAULT_GRACE = 7 * 86_400;

/** A year, in seconds. */
const MAX_GRACE = 366 * 86_400;

/** @throws AuditError `INVALID_OPTIONS` with all that is wrong. */
export function parseKeyOptions(options: unknown): ParsedKeyOptions {
  assertOptions('keys.create', options);
  const complaints = new Complaints();
  complaints.unknownFields(options, ['name', 'scopes', 'tenants', 'expiresAt', 'by']);
  const { name, scopes, tenants, expiresAt } = options as Record<string, unknown>;
  if (!isName(name)) complaints.add('name', `a text of 1 to ${NAME_LENGTH} characters`, name);
  const parsed = {
    name: String(name),
    scopes: parseScopes(scopes, complaints),
    tenants: parseTenants(tenants, complaints),
    expiresAt: parseExpiry(expiresAt, complaints),
  };
  complaints.assertNone('INVALID_OPTIONS', 'The key was not made');
  return parsed;
}

/** @throws AuditError `INVALID_OPTIONS` with all that is wrong. */
export function parseNarrowOptions(options: unknown): Partial<ParsedKeyOptions> {
  assertOptions('keys.narrow', options);
  const complaints = new Complaints();
  complaints.unknownFields(options, ['scopes', 'tenants', 'expiresAt', 'by']);
  const { scopes, tenants, expiresAt } = options as Record<string, unknown>;
  const parsed = {
    ...(scopes !== undefined && { scopes: parseScopes(scopes, complaints) }),
    ...(tenants !== undefined && { tenants: parseTenants(tenants, complaints) }),
    ...(expiresAt !== undefined && { expiresAt: parseExpiry(expiresAt, complaints) }),
  };
  complaints.assertNone('INVALID_OPTIONS', 'The key stays as it is');
  return parsed;
}

/** Seconds. @throws AuditError `INVALID_OPTIONS`. */
export function parseGrace(options: unknown): number {
  assertOptions('keys.rotate', options);
  const complaints = new Complaints();
  complaints.unknownFields(options, ['graceSeconds', 'by']);
  const { graceSeconds = DEFAULT_GRACE } = options as RotateOptions;
  if (!(Number.isFinite(graceSeconds) && graceSeconds >= 0 && graceSeconds <= MAX_GRACE))
    complaints.add('graceSeconds', `a number from 0 to ${MAX_GRACE}`, graceSeconds);
  complaints.assertNone('INVALID_OPTIONS', 'The key was not rotated');
  return graceSeconds;
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !isLongerThan(value, NAME_LENGTH);
}

function parseScopes(value: unknown, complaints: Complaints): Scope[] {
  const isKnown = (scope: unknown) => (SCOPES as readonly unknown[]).includes(scope);
  if (Array.isArray(value) && value.length > 0 && value.every(isKnown))
    return SCOPES.filter((scope) => value.includes(scope));
  complaints.add('scopes', `a list of ${SCOPES.join(', ')}`, value);
  return [];
}

function parseTenants(value: unknown, complaints: Complaints): KeyTenants {
  if (value === 'any') return value;
  if (Array.isArray(value)) return parseList(value, complaints);
  const { prefix } = isObject(value) ? value : {};
  if (isObject(value) && Object.keys(value).length === 1 && isTenantId(prefix)) return { prefix };
  complaints.add('tenants', "`'any'`, a list of tenants, or an object such as { prefix: 'acme-' }", value);
  return [];
}

function parseList(list: readonly unknown[], complaints: Complaints): string[] {
  const isOne = (item: unknown): item is string => isTenantId(item) && item !== SYSTEM_TENANT;
  if (list.length === 0 || list.length > MAX_TENANTS)
    complaints.add('tenants', `a list of 1 to ${MAX_TENANTS} tenants`, list, `one of ${list.length}`);
  const bad = list.find((item) => !isOne(item));
  if (bad !== undefined)
    complaints.add('tenants', `a list of tenants: each ${TENANT_ID_RULE}, not \`system\``, bad);
  return [...new Set(list.filter(isOne))];
}

function parseExpiry(value: unknown, complaints: Complaints): number | null {
  if (value === undefined || value === null) return null;
  const text = typeof value === 'string' ? parseInstant(value) : null;
  const time = isDate(value) ? Date.prototype.getTime.call(value) : text;
  if (time !== null && isPrintable(time)) return time;
  complaints.add('expiresAt', 'a valid Date or an RFC 3339 date-time with its zone', value);
  return null;
}
