import type { Ledger } from '../../../lib/ledger';
import type { Identifier } from '../../../lib/event/identifier';
import {
  type Identify,
  identifyByConvention,
  type Identity,
  type KnownIdentity,
  readIdentity,
} from '../identity';
import { findScope } from '../request-scope';
import type { Asked } from './asked';
import { Problem } from './problem';

/** What a user may be allowed to do with an audit trail. */
export const PERMISSIONS = ['read', 'export', 'verify'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Whose trail a request sees. */
export type ChooseTenant<Source = never> = (
  req: Source,
) => Identifier | undefined | Promise<Identifier | undefined>;

/** Whether a request may do something with the trail. */
export type Authorize<Source = never> = (req: Source, permission: Permission) => boolean | Promise<boolean>;

/** The options that decide who may see which trail. */
export interface AdmissionParts {
  ledger: Ledger;
  identify: Identify | undefined;
  tenant: ChooseTenant | undefined;
  authorize: Authorize;
}

/** A user who was let in, and the tenant whose trail they asked for. */
export interface Admitted {
  tenantId: string;
  actor: Identity['actor'];
}

/**
 * Who a request comes from, and the tenant whose trail it asks for. Only an explicit `tenant` can give the ledger's own
 * chain. Without an actor or a tenant, access is denied.
 * @throws Problem 401.
 */
export async function identifyReader(parts: AdmissionParts, asked: Asked): Promise<Admitted> {
  const { ledger, tenant } = parts;
  const { source } = asked;
  const identity = identityOf(parts, asked);
  if (identity.actor === undefined) throw new Problem(401, 'Sign in to see the audit trail.');
  const tenantId = tenant
    ? ledger.names.tenantId(await tenant(source as never))
    : (identity.tenantId ?? ledger.defaultTenant);
  if (tenantId === undefined) throw new Problem(401, 'The request belongs to no tenant.');
  return { tenantId, actor: identity.actor };
}

/** Who asks, and the tenant that they belong to: that whose trail they ask for may be another. It is read once. */
export function identityOf({ ledger, identify }: AdmissionParts, asked: Asked): KnownIdentity {
  const known = identities.get(asked);
  if (known) return known;
  const { source, holder, convention } = asked;
  const read = identify ?? findScope(holder)?.identify ?? convention ?? identifyByConvention;
  const identity = readIdentity(read, source, ledger);
  identities.set(asked, identity);
  return identity;
}

const identities = new WeakMap<Asked, KnownIdentity>();

/**
 * The same as `identifyReader`, for users who have a permission.
 * @throws Problem 401, 403.
 */
export async function admit(parts: AdmissionParts, asked: Asked, permission: Permission): Promise<Admitted> {
  const admitted = await identifyReader(parts, asked);
  if (await isAllowed(parts, asked, permission)) return admitted;
  throw new Problem(403, `You may not ${permission} this audit trail.`);
}

/** All permissions of the user. */
export async function listPermissions(parts: AdmissionParts, asked: Asked): Promise<Permission[]> {
  const allowed: Permission[] = [];
  for (const permission of PERMISSIONS)
    if (await isAllowed(parts, asked, permission)) allowed.push(permission);
  return allowed;
}

/** Only `true` allows: another result of `authorize`, such as a user object, does not. */
async function isAllowed(
  { authorize }: AdmissionParts,
  { source }: Asked,
  permission: Permission,
): Promise<boolean> {
  const allowed: unknown = await authorize(source as never, permission);
  return allowed === true;
}
