import { REDACTED, type Secrets } from '../../lib/event/secrets';

/** A parameter in a route's pattern: `:id`, also as `:id?`, `:id(\\d+)` or `:id{[0-9]+}`, and several in one segment. */
const PARAMETER = /:(\w+)/g;

/**
 * A path with `[REDACTED]` in place of each segment that holds a parameter with a secret name. Where pattern and path do
 * not go together segment by segment, as with wildcards before such a parameter, it is the pattern.
 */
export function redactedPath(path: string, pattern: string, secrets: Pick<Secrets, 'isName'>): string {
  const named = pattern.split('/');
  const secret = named.map((segment) =>
    [...segment.matchAll(PARAMETER)].some(([, name = '']) => secrets.isName(name)),
  );
  const last = secret.lastIndexOf(true);
  if (last < 0) return path;
  const segments = path.split('/');
  const isAligned =
    segments.length >= last && named.slice(0, last + 1).every((segment, i) => goesWith(segment, segments[i]));
  if (!isAligned) return pattern;
  return segments.map((segment, i) => (secret[i] === true && segment !== '' ? REDACTED : segment)).join('/');
}

/** A wildcard may stand for any number of segments. */
function goesWith(pattern: string, segment: string | undefined): boolean {
  if (pattern.includes('*')) return false;
  return pattern.includes(':') || pattern === segment;
}

/**
 * The part of a path that a mount is, for frameworks that do not say: it has as many segments as the pattern of the matched
 * route has before those of the mounted router. Of `/orgs/7/audit/entries/9` it is `/orgs/7/audit`.
 * @param pattern of the matched route, such as `/orgs/:orgId/audit/entries/:id`
 * @param own the part of the pattern that is the router's, such as `/entries/:id`
 */
export function mountOf(path: string, pattern: string, own: string): string {
  const depth = segmentsIn(pattern) - segmentsIn(own);
  return path.split('/', depth + 1).join('/');
}

function segmentsIn(path: string): number {
  return path.split('/').filter((segment) => segment !== '').length;
}
