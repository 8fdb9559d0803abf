import { Complaints } from '../../../lib/util/complaints';
import type { Rule } from '../../../lib/read/rules';

/** The query parameters of a route. They are checked by the same rules that OpenAPI describes. */
export type Rules = Readonly<Record<string, Rule<unknown>>>;

/**
 * The checked query parameters of a request, converted to the types of their schemas. Read from the URL itself, because
 * the application's query parser may return objects, or be disabled.
 * @throws AuditError `INVALID_QUERY` for invalid, unknown and repeated parameters.
 */
export function parseParameters({ url }: { url: string }, rules: Rules): Record<string, unknown> {
  const given = [...new URLSearchParams(url.split('?').slice(1).join('?'))];
  const texts = Object.fromEntries(given);
  const complaints = new Complaints();
  complaints.unknownFields(texts, Object.keys(rules));
  const seen = new Set<string>();
  const isOnce = (name: string) => !(Object.hasOwn(rules, name) && rules[name]?.isRepeatable);
  const repeated = given.find(([name]) => isOnce(name) && (seen.has(name) || !seen.add(name)));
  if (repeated) complaints.add(repeated[0], 'given once', given);
  const values: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(texts)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule) continue;
    const all = given.flatMap(([each, value]) => (each === name ? [value] : []));
    values[name] = all.length > 1 ? all : convert(text, rule.schema['type']);
    if (rule.read(values[name]) === undefined) complaints.add(name, rule.rule, all.length > 1 ? all : text);
  }
  complaints.assertNone('INVALID_QUERY', 'The query is not valid');
  return values;
}

/** `5` and `true` become a number and a boolean. Other texts stay as they are, and the rule refuses them. */
function convert(text: string, type: unknown): unknown {
  if (type === 'integer' && /^\d+$/.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
