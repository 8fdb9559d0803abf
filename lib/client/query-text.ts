import { isDate } from '../event/builtin';
import { isoText } from '../event/instant';
import { Complaints, isObject } from '../util/complaints';

/**
 * A query as that of a URL. What is in it is checked where it is answered; only what would become another text on the way
 * is refused here.
 * @param names other names of members
 * @throws AuditError `INVALID_QUERY` with every bad parameter.
 */
export function queryText(call: string, query: object, names: Record<string, string> = {}): string {
  const complaints = new Complaints();
  if (!isObject(query)) complaints.add('query', 'an object such as { tenantId }', query);
  else if (typeof query['tenantId'] !== 'string') complaints.add('tenantId', 'a string', query['tenantId']);
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || (name === 'tenantId' && typeof value !== 'string')) continue;
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) {
      const text = textOf(each);
      if (text === undefined) complaints.add(name, 'text, a number, a Date, true or false', each);
      else parameters.append(names[name] ?? name, text);
    }
  }
  complaints.assertNone('INVALID_QUERY', `${call} cannot be answered`);
  return `?${parameters.toString()}`;
}

function textOf(value: unknown): string | undefined {
  if (isDate(value)) return Number.isNaN(value.getTime()) ? undefined : isoText(value.getTime());
  if (typeof value === 'string') return value.isWellFormed() ? value : undefined;
  return ['number', 'boolean', 'bigint'].includes(typeof value) ? String(value) : undefined;
}
