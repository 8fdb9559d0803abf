import { Complaints } from '../util/complaints';
import { WELL_FORMED } from './rules';

/**
 * Only strings may reach a filter of the database, and none that it would take for another one.
 * @throws AuditError `INVALID_QUERY`.
 */
export function assertNames(call: string, names: { tenantId: unknown; id?: unknown }): void {
  const complaints = new Complaints();
  for (const [name, value] of Object.entries(names))
    if (WELL_FORMED.read(value) === undefined) complaints.add(name, WELL_FORMED.rule, value);
  complaints.assertNone('INVALID_QUERY', `${call} cannot be answered`);
}
