import type { Request } from 'express';
import { Complaints } from '../../../lib/util/complaints';
import type { Rule } from '../../../lib/read/rules';

/** The parameters that a route has: what checks them is also what OpenAPI says of them. */
export type Rules = Readonly<Record<string, Rule<unknown>>>;

/**
 * The parameters of a request, each of the type that its schema names, checked. Read from the URL itself: the
 * application's query parser may make objects of them, or nothing at all.
 * @throws AuditError `INVALID_QUERY` for bad, unknown and repeated ones.
 */
export function parseParameters({ url }: Pick<Request, 'url'>, rules: Rules): Record<string, unknown> {
  const given = [...new URLSearchParams(url.split('?').slice(1).join('?'))];
  const texts = Object.fromEntries(given);
  const complaints = new Complaints();
  complaints.unknownFields(texts, Object.keys(rules));
  const seen = new Set<string>();
  const repeated = given.find(([name]) => seen.has(name) || !seen.add(name));
  if (repeated) complaints.add(repeated[0], 'given once', given);
  const values: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(texts)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule) continue;
    values[name] = typed(text, rule.schema['type']);
    if (rule.read(values[name]) === undefined) complaints.add(name, rule.rule, text);
  }
  complaints.assertNone('INVALID_QUERY', 'The query is not valid');
  return values;
}

/** What is not of the type stays a text, which its rule refuses. */
function typed(text: string, type: unknown): unknown {
  if (type === 'integer' && /^\d+$/.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
