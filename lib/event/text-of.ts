import { canonicalize } from '../chain/canonical';
import { convert } from './convert';
import { identifierText } from './identifier';
import type { Secrets } from './secrets';

/**
 * The text of whatever was given where a text belongs: numbers print, other objects become JSON (docs/formats.md §1), so
 * that it shows what somebody sent in place of a text. Undefined for what says nothing: `null`, `undefined`, functions,
 * symbols, empty objects and arrays. It never throws.
 * @param name the member that it is for
 */
export function textOf(value: unknown, name: string, secrets: Secrets): string | undefined {
  const text = identifierText(value);
  switch (typeof text) {
    case 'string':
      return text;
    case 'number': // NaN and the infinities
    case 'boolean':
      return String(text);
    case 'object':
      return text === null ? undefined : objectText(text, name, secrets);
    default:
      return undefined;
  }
}

function objectText(object: object, name: string, secrets: Secrets): string | undefined {
  const json = convert(object, name, secrets);
  if (typeof json === 'string') return json;
  if (json === undefined || json === null) return undefined;
  const isEmpty = typeof json === 'object' && Object.keys(json).length === 0;
  return isEmpty ? undefined : canonicalize(json);
}

/** A member of anybody's object; undefined when reading it throws, and for what has no members. */
export function readMember(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null) return undefined;
  try {
    return (object as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
