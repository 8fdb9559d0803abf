import { isIP } from 'node:net';
import type { Entry } from '../../chain/entry';
import type { Json, JsonObject } from '../../chain/json';

/** What a form is made of: members that are not there are undefined. */
export interface Loose {
  [name: string]: Json | undefined | Loose;
}

/** Without members that are undefined, and without objects that have none left. */
export function compact(value: Loose): JsonObject {
  const result: JsonObject = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    if (typeof member !== 'object' || member === null || Array.isArray(member)) {
      result[name] = member;
      continue;
    }
    const inner = compact(member);
    if (Object.keys(inner).length > 0) result[name] = inner;
  }
  return result;
}

/** One line for people: who did what to what, and how it ended. */
export function messageOf({ actor, actorName, action, resource, outcome }: Entry): string {
  const what = resource === undefined ? '' : ` on ${resource}`;
  return `${actorName ?? actor}: ${action}${what} (${outcome})`;
}

/** Whether a text can be the value of a field that is an address; others would have the document refused. */
export function isAddress(value: unknown): value is string {
  return typeof value === 'string' && isIP(value) !== 0 && !value.includes('%');
}
