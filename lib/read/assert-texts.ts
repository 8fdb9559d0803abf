import { Complaints } from '../util/complaints';

/**
 * Only strings may reach a filter of the database, and none that it would store as another.
 * @throws AuditError `INVALID_QUERY`.
 */
export function assertTexts(call: string, texts: Record<string, unknown>): void {
  const complaints = new Complaints();
  for (const [name, value] of Object.entries(texts)) {
    if (typeof value !== 'string' || !value.isWellFormed()) {
      complaints.add(name, 'a string without lone surrogates', value);
    }
  }
  complaints.assertNone('INVALID_QUERY', `${call} cannot be answered`);
}
