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

/** A word of a path that no secret looks like: letters, joined by `-`, `_` or `.`; or a version, such as `v2`. */
const WORD = /^(v\d{1,3}|[a-z]{1,16}([-_.][a-z]{1,16}){0,3})$/i;

/** Words behind which a path has what is only for those who know it, such as the token of a reset. */
const BEFORE_SECRET =
  /reset|verif|confirm|invit|activat|unsubscri|magic|shar|callback|token|key|secret|pass|code|sess|sid/i;

/** Segments that are kept, and what stands for the rest. */
const MOST = 8;
const LEFT_OUT = '…';

/**
 * As much of a path as is safe where no route has matched, so that nothing tells which segments are parameters: what was
 * tried with a bad token is seen, and what could be a secret or an id is not.
 */
export function unroutedPath(path: string, secrets: Pick<Secrets, 'isName' | 'isText'>): string {
  const segments = path.split('/');
  const shown = segments.slice(0, MOST + 1).map((segment, i) => {
    const before = segments[i - 1] ?? '';
    const isSafe = WORD.test(segment) && !BEFORE_SECRET.test(before) && !secrets.isName(before);
    return segment === '' || (isSafe && !secrets.isText(segment)) ? segment : LEFT_OUT;
  });
  return (segments.length > MOST + 1 ? [...shown, LEFT_OUT] : shown).join('/');
}
