import { isTenantId, TENANT_ID_RULE } from '../event/tenant-id';
import { Complaints } from '../util/complaints';

/**
 * Only strings may reach a filter of the database, and none that it would take for another one.
 * @throws AuditError `INVALID_QUERY`.
 */
export function assertNames(call: string, names: { tenantId: unknown; id?: unknown }): void {
  const { tenantId, id } = names;
  const complaints = new Complaints();
  if (!isTenantId(tenantId)) complaints.add('tenantId', TENANT_ID_RULE, tenantId);
  if ('id' in names && (typeof id !== 'string' || !id.isWellFormed()))
    complaints.add('id', 'a string without lone surrogates', id);
  complaints.assertNone('INVALID_QUERY', `${call} cannot be answered`);
}
