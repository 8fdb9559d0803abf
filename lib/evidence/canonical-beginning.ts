import { canonicalize } from '../chain/canonical';
import type { Json, JsonObject } from '../chain/json';

/**
 * The beginning of a value's canonical text, of at least `length` characters where it has as many; what follows is not
 * written. The last character of a part may be another.
 */
export function canonicalBeginning(value: Json, length: number): string {
  if (typeof value === 'string' && value.length > length)
    return canonicalize(wellFormed(value, length)).slice(0, -1);
  if (typeof value !== 'object' || value === null) return canonicalize(value);
  return Array.isArray(value) ? beginningOfArray(value, length) : beginningOfObject(value, length);
}

function wellFormed(text: string, length: number): string {
  return text.slice(0, length).toWellFormed();
}

function beginningOfArray(items: Json[], length: number): string {
  let text = '[';
  for (const [i, item] of items.entries()) {
    if (text.length > length) return text;
    text += (i > 0 ? ',' : '') + canonicalBeginning(item, length);
  }
  return text + ']';
}

function beginningOfObject(object: JsonObject, length: number): string {
  let text = '{';
  for (const name of Object.keys(object).sort()) {
    if (text.length > length) return text;
    text += (text.length > 1 ? ',' : '') + canonicalBeginning(name, length);
    if (text.length > length) return text;
    text += ':' + canonicalBeginning(object[name] as Json, length);
  }
  return text + '}';
}
