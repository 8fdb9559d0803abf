import { REDACTED, type Secrets } from '../../lib/event/secrets';
import { tryDecode } from '../http/request-target';

/** The parameters of a route: the value of `[id]`, or the segments of `[...path]`. */
export type Params = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A route that has matched: its pattern such as `/orgs/[orgId]`, and the path without what is secret in it. */
export interface Route {
  pattern: string;
  path: string;
}

/**
 * Finds the parameters in a path, since Next does not tell the pattern of a route. From the right: what comes first in a path
 * is more often its own words. Of parameters that are not found as they were sent, the pattern has `[name]` nowhere.
 */
export function routeOf(path: string, params: Params, secrets: Secrets): Route {
  const sent = path.split('/');
  const pattern = [...sent];
  const shown = [...sent];
  let end = sent.length;
  for (const [name, value] of Object.entries(params).reverse()) {
    if (value === undefined) continue;
    const isMany = typeof value !== 'string';
    const parts = (isMany ? value : [value]).map(tryDecode);
    const start = findLast(sent.slice(0, end).map(tryDecode), parts);
    if (parts.length === 0) continue;
    if (start < 0) {
      if (secrets.isName(name)) shown.fill(REDACTED, 1);
      continue;
    }
    pattern.splice(
      start,
      end - start,
      ...[isMany ? `[...${name}]` : `[${name}]`],
      ...pattern.slice(start + parts.length, end),
    );
    if (secrets.isName(name)) shown.fill(REDACTED, start, start + parts.length);
    end = start;
  }
  return { pattern: pattern.join('/').replace(/(?<=.)\/$/, ''), path: shown.join('/') };
}

/** Where the parts stand last, one after another; -1 where they do not. */
function findLast(segments: readonly string[], parts: readonly string[]): number {
  for (let start = segments.length - parts.length; start >= 0; start--)
    if (parts.every((part, i) => segments[start + i] === part)) return start;
  return -1;
}

/** The last parameter that has several segments: what is below a mount such as `app/audit/[[...path]]`. */
export function catchAllOf(params: Params): readonly string[] {
  const last = Object.values(params).findLast((value) => Array.isArray(value));
  return (last as readonly string[] | undefined) ?? [];
}
