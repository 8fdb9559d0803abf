import { Complaints } from '../util/complaints';
import { checkDateNames } from './date-names';
import type { Rule } from './rules';

/** What fields say that keep to these rules. */
export type Fields<Rules extends Record<string, Rule<unknown>>> = {
  [Name in keyof Rules]?: Rules[Name] extends Rule<infer Value> ? Value : never;
};

/**
 * Reads the fields of a query about one tenant, each by its rule; those that are absent or undefined are left out.
 * @throws AuditError `INVALID_QUERY` with every bad field.
 */
export function readFields<Rules extends Record<string, Rule<unknown>> & { tenantId: Rule<string> }>(
  query: object,
  rules: Rules,
): Fields<Rules> & { tenantId: string } {
  const complaints = new Complaints();
  complaints.unknownFields(query, Object.keys(rules));
  checkDateNames(query, complaints);
  const values: Record<string, unknown> = {};
  for (const [name, { rule, read }] of Object.entries<Rule<unknown>>(rules)) {
    const value = (query as Record<string, unknown>)[name];
    if (value !== undefined) values[name] = read(value) ?? complaints.add(name, rule, value);
  }
  if ((query as Record<string, unknown>)['tenantId'] === undefined)
    complaints.missing('tenantId', 'each tenant has a chain of its own');
  complaints.assertNone('INVALID_QUERY', 'The query is not valid');
  return values as Fields<Rules> & { tenantId: string };
}
