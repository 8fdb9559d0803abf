import type { Request } from 'express';
import type { Ledger } from '../../../lib/ledger';
import { type Identifier, identifierText } from '../../../lib/event/identifier';
import { type Identify, identifyByConvention, type Identity, readIdentity } from '../identity';
import { findScope } from '../request-scope';
import { Problem } from './problem';

/** What somebody may want of an audit trail. */
export const PERMISSIONS = ['read', 'export', 'verify'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** What decides who may see which trail. */
export interface AdmissionParts {
  ledger: Ledger;
  identify: Identify | undefined;
  tenant: ((req: Request) => Identifier | undefined | Promise<Identifier | undefined>) | undefined;
  authorize: (req: Request, permission: Permission) => boolean | Promise<boolean>;
}

/** Who is here, and whose trail they asked for. */
export interface Admitted {
  tenantId: string;
  actor: Identity['actor'];
}

/**
 * Who a request comes from, and the tenant whose trail it is about; the ledger's own through an explicit `tenant`
 * alone. Fails closed.
 * @throws Problem 401.
 */
export async function identifyReader(parts: AdmissionParts, req: Request): Promise<Admitted> {
  const { ledger, identify, tenant } = parts;
  const identity = readIdentity(identify ?? findScope(req)?.identify ?? identifyByConvention, req);
  if (identity.actor === undefined) throw new Problem(401, 'Sign in to see the audit trail.');
  const tenantId = tenant ? await tenant(req) : (identity.tenantId ?? ledger.defaultTenant);
  const text = identifierText(tenantId);
  if (typeof text !== 'string' || text === '') throw new Problem(401, 'The request belongs to no tenant.');
  return { tenantId: text, actor: identity.actor };
}

/**
 * Who a request comes from, if they may do that.
 * @throws Problem 401, 403.
 */
export async function admit(parts: AdmissionParts, req: Request, permission: Permission): Promise<Admitted> {
  const admitted = await identifyReader(parts, req);
  if (await isAllowed(parts, req, permission)) return admitted;
  throw new Problem(403, `You may not ${permission} this audit trail.`);
}

/** All that the request may do. */
export async function listPermissions(parts: AdmissionParts, req: Request): Promise<Permission[]> {
  const allowed: Permission[] = [];
  for (const permission of PERMISSIONS) if (await isAllowed(parts, req, permission)) allowed.push(permission);
  return allowed;
}

/** Whatever else `authorize` gives, a user or a promise in an object, is not a yes. */
async function isAllowed(
  { authorize }: AdmissionParts,
  req: Request,
  permission: Permission,
): Promise<boolean> {
  const allowed: unknown = await authorize(req, permission);
  return allowed === true;
}
