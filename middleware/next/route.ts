import { REDACTED, type Secrets } from '../../lib/event/secrets';
import { tryDecode } from '../http/request-target';

/** The parameters of a route: the value of `[id]`, or the segments of `[...path]`. */
export type Params = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A route that has matched: its pattern such as `/orgs/[orgId]`, and the path without what is secret in it. */
export interface Route {
  pattern: string;
  path: string;
}

/** Where a parameter stands in a path. */
interface Place {
  name: string;
  isMany: boolean;
  start: number;
  end: number;
}

/**
 * The route of a path. Of a parameter that stands nowhere in it, the pattern has `[name]` nowhere.
 * @param told the pattern without a base path, where Next tells it
 */
export function routeOf(path: string, params: Params, secrets: Secrets, told?: string): Route {
  const [tail = ''] = /(?<=.)\/$/.exec(path) ?? [];
  const sent = path.slice(0, path.length - tail.length).split('/');
  const places = (told && placesIn(told, sent, params)) || guessPlaces(sent, params);
  const pattern = [...sent];
  const shown = [...sent];
  for (const { name, isMany, start, end } of places.sort((a, b) => b.start - a.start)) {
    pattern.splice(start, end - start, isMany ? `[...${name}]` : `[${name}]`);
    if (secrets.isName(name)) shown.fill(REDACTED, start, end);
  }
  const isFound = (name: string): boolean => places.some((place) => place.name === name);
  const isMissed = ([name, value]: [string, Params[string]]): boolean =>
    Boolean(value?.length) && secrets.isName(name) && !isFound(name);
  if (Object.entries(params).some(isMissed)) shown.fill(REDACTED, 1);
  return { pattern: pattern.join('/'), path: shown.join('/') + tail };
}

/** Where the pattern has its parameters; null where it is not the path's: a rewrite shows a handler what the client has sent. */
function placesIn(told: string, sent: readonly string[], params: Params): Place[] | null {
  const parts = told
    .split('/')
    .filter(Boolean)
    .map((text) => partOf(text, params));
  const length = parts.reduce((sum, { values }) => sum + values.length, 0);
  const places: Place[] = [];
  let at = sent.length - length; // what is before is a base path
  if (at < 1) return null;
  for (const { name, isMany, values } of parts) {
    if (!values.every((value, i) => isSame(sent[at + i] ?? '', value))) return null;
    const end = at + values.length;
    if (name !== undefined && end > at) places.push({ name, isMany, start: at, end });
    at = end;
  }
  return places;
}

/** A segment of a pattern: `orgs`, `[id]`, `[...path]` or `[[...path]]`, and what it stands for. */
function partOf(text: string, params: Params): { name?: string; isMany: boolean; values: readonly string[] } {
  const [, dots, name] = /^\[{1,2}(\.\.\.)?(.+?)\]{1,2}$/.exec(text) ?? [];
  const value = name === undefined ? text : (params[name] ?? []);
  const values = typeof value === 'string' ? [value] : value;
  return { ...(name !== undefined && { name }), isMany: dots !== undefined, values };
}

/** Finds the parameters by their values. From the right: what comes first in a path is more often its own words. */
function guessPlaces(sent: readonly string[], params: Params): Place[] {
  const places: Place[] = [];
  let end = sent.length;
  for (const [name, value = []] of Object.entries(params).reverse()) {
    const isMany = typeof value !== 'string';
    const parts = isMany ? value : [value];
    const start = findLast(sent.slice(0, end), parts);
    if (parts.length === 0 || start < 0) continue;
    places.push({ name, isMany, start, end: start + parts.length });
    end = start;
  }
  return places;
}

/** Where the parts stand last, one after another; -1 where they do not. */
function findLast(segments: readonly string[], parts: readonly string[]): number {
  for (let start = segments.length - parts.length; start >= 0; start--)
    if (parts.every((part, i) => isSame(segments[start + i] ?? '', part))) return start;
  return -1;
}

/** Next gives a parameter as it was sent, or decoded. */
function isSame(segment: string, parameter: string): boolean {
  const decoded = tryDecode(segment);
  return segment === parameter || decoded === parameter || decoded === tryDecode(parameter);
}

/** The last parameter that has several segments: what is below a mount such as `app/audit/[[...path]]`. */
export function catchAllOf(params: Params): readonly string[] {
  const last = Object.values(params).findLast((value) => Array.isArray(value));
  return (last as readonly string[] | undefined) ?? [];
}
