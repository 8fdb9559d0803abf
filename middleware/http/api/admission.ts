import type { Request } from 'express';
import type { Ledger } from '../../../lib/ledger';
import type { Identifier } from '../../../lib/event/identifier';
import { type Identify, identifyByConvention, type Identity, readIdentity } from '../identity';
import { findScope } from '../request-scope';
import { Problem } from './problem';

/** What a user may be allowed to do with an audit trail. */
export const PERMISSIONS = ['read', 'export', 'verify'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** The options that decide who may see which trail. */
export interface AdmissionParts {
  ledger: Ledger;
  identify: Identify | undefined;
  tenant: ((req: Request) => Identifier | undefined | Promise<Identifier | undefined>) | undefined;
  authorize: (req: Request, permission: Permission) => boolean | Promise<boolean>;
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
export async function identifyReader(parts: AdmissionParts, req: Request): Promise<Admitted> {
  const { ledger, identify, tenant } = parts;
  const identity = readIdentity(identify ?? findScope(req)?.identify ?? identifyByConvention, req, ledger);
  if (identity.actor === undefined) throw new Problem(401, 'Sign in to see the audit trail.');
  const tenantId = tenant
    ? ledger.names.tenantId(await tenant(req))
    : (identity.tenantId ?? ledger.defaultTenant);
  if (tenantId === undefined) throw new Problem(401, 'The request belongs to no tenant.');
  return { tenantId, actor: identity.actor };
}

/**
 * The same as `identifyReader`, for users who have a permission.
 * @throws Problem 401, 403.
 */
export async function admit(parts: AdmissionParts, req: Request, permission: Permission): Promise<Admitted> {
  const admitted = await identifyReader(parts, req);
  if (await isAllowed(parts, req, permission)) return admitted;
  throw new Problem(403, `You may not ${permission} this audit trail.`);
}

/** All permissions of the user. */
export async function listPermissions(parts: AdmissionParts, req: Request): Promise<Permission[]> {
  const allowed: Permission[] = [];
  for (const permission of PERMISSIONS) if (await isAllowed(parts, req, permission)) allowed.push(permission);
  return allowed;
}

/** Only `true` allows: another result of `authorize`, such as a user object, does not. */
async function isAllowed(
  { authorize }: AdmissionParts,
  req: Request,
  permission: Permission,
): Promise<boolean> {
  const allowed: unknown = await authorize(req, permission);
  return allowed === true;
}
