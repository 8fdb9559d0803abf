import type { KeyTenants } from '../store/key-store';
import { SYSTEM_TENANT } from '../vocabulary';

/** Whether a key may write or read a tenant's trail. The ledger's own chain tells of all tenants: no key is bound to it. */
export function coversTenant(tenants: KeyTenants, tenantId: string): boolean {
  if (tenantId === SYSTEM_TENANT) return false;
  if (tenants === 'any') return true;
  return 'prefix' in tenants ? tenantId.startsWith(tenants.prefix) : tenants.includes(tenantId);
}

/** The tenant of a key that has exactly one. */
export function onlyTenant(tenants: KeyTenants): string | undefined {
  return Array.isArray(tenants) && tenants.length === 1 ? (tenants[0] as string) : undefined;
}

/** Whether one binding lets through nothing that another does not. */
export function isWithinTenants(narrow: KeyTenants, wide: KeyTenants): boolean {
  if (wide === 'any') return true;
  if (narrow === 'any') return false;
  if (!('prefix' in narrow)) return narrow.every((tenantId) => coversTenant(wide, tenantId));
  return 'prefix' in wide && narrow.prefix.startsWith(wide.prefix);
}
