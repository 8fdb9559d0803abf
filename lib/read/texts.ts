import { Complaints } from '../complaints';

/**
 * Only strings may reach a filter of the database.
 * @throws AuditError `INVALID_QUERY`.
 */
export function assertTexts(call: string, texts: Record<string, unknown>): void {
  const complaints = new Complaints();
  for (const [name, value] of Object.entries(texts)) {
    if (typeof value !== 'string') complaints.add(name, 'a string', value);
  }
  complaints.assertNone('INVALID_QUERY', `${call} cannot be answered`);
}
