import type { Json, JsonObject } from '../../../lib/chain/json';

/** What became of one member between two values. */
export interface Difference {
  kind: 'added' | 'removed' | 'changed' | 'same';
  /** Name or number of the member; null for the whole. */
  name: string | null;
  before?: Json;
  after?: Json;
  /** Where both are objects, or both arrays: what became of theirs. */
  members?: Difference[];
}

/** Nesting beyond which values are compared as a whole. */
const MAX_DEPTH = 30;

/** Compares two values member by member; what is undefined is not there. */
export function differenceOf(before: Json | undefined, after: Json | undefined): Difference {
  return compare(null, before, after, 0);
}

/** How many members of the kinds there are, nested ones for what holds them. */
export function changeCount({ kind, members }: Difference): number {
  if (members) return members.reduce((sum, member) => sum + changeCount(member), 0);
  return kind === 'same' ? 0 : 1;
}

function compare(
  name: string | null,
  before: Json | undefined,
  after: Json | undefined,
  depth: number,
): Difference {
  if (before === undefined && after === undefined) return { kind: 'same', name };
  if (before === undefined) return { kind: 'added', name, after: after as Json };
  if (after === undefined) return { kind: 'removed', name, before };
  const isDeep = depth >= MAX_DEPTH;
  const members = isDeep ? null : membersOf(before, after, depth + 1);
  const isSame = members ? members.every(({ kind }) => kind === 'same') : isSameJson(before, after);
  return { kind: isSame ? 'same' : 'changed', name, before, after, ...(members && { members }) };
}

function membersOf(before: Json, after: Json, depth: number): Difference[] | null {
  if (Array.isArray(before) && Array.isArray(after)) return items(before, after, depth);
  if (isObject(before) && isObject(after)) return fields(before, after, depth);
  return null;
}

function fields(before: JsonObject, after: JsonObject, depth: number): Difference[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].map((name) => compare(name, own(before, name), own(after, name), depth));
}

/** What both begin and end with is the same; between, items are compared by their place. */
function items(before: Json[], after: Json[], depth: number): Difference[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && isSameJson(before[start], after[start])) start++;
  let end = 0;
  while (end < shorter - start && isSameJson(before.at(-1 - end), after.at(-1 - end))) end++;
  const out: Difference[] = [];
  for (let i = 0; i < start; i++) out.push(compare(String(i), before[i], after[i], depth));
  const middle = Math.max(before.length, after.length) - end;
  for (let i = start; i < middle; i++) {
    const [old, now] = [
      i < before.length - end ? before[i] : undefined,
      i < after.length - end ? after[i] : undefined,
    ];
    out.push(compare(String(i), old, now, depth));
  }
  for (let i = after.length - end; i < after.length; i++)
    out.push(compare(String(i), before[i - after.length + before.length], after[i], depth));
  return out;
}

/** Not by way of a text: numbers, and the order of members, have several. */
export function isSameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => isSameJson(item, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSameJson(a[name], b[name]))
  );
}

/** A member of that name, never what objects inherit. */
function own(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
