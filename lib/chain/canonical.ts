import { AuditError } from '../errors';
import type { Json, JsonObject } from './json';

/** Texts that stand between quotes as they are: ASCII but for controls, quotes and backslashes. Most are. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * The canonical text of a JSON value: RFC 8785 (JCS).
 * @throws AuditError `UNREADABLE` for what JSON cannot hold: lone surrogates, NaN, infinities, `undefined`.
 */
export function canonicalize(value: Json): string {
  switch (typeof value) {
    case 'string':
      return canonicalString(value);
    case 'number':
      return canonicalNumber(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? canonicalArray(value) : canonicalObject(value);
    default:
      throw new AuditError(
        'UNREADABLE',
        `A value of type ${typeof value} has no canonical form: it is not JSON.`,
      );
  }
}

// ECMAScript escapes strings in JSON, and prints numbers anywhere, exactly as RFC 8785 §3.2.2 asks.
function canonicalString(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) {
    throw new AuditError('UNREADABLE', 'A string with a lone surrogate has no canonical form.');
  }
  return JSON.stringify(text);
}

/** The texts of names, which are few; of attackers' names, of which there may be many, so many are remembered. */
const NAMES = 1_000;
const names = new Map<string, string>();

/** A name and its colon. */
function canonicalName(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  const text = canonicalString(name) + ':';
  if (names.size < NAMES && name.length <= 32) names.set(name, text);
  return text;
}

function canonicalNumber(number: number): string {
  if (!Number.isFinite(number)) {
    throw new AuditError(
      'UNREADABLE',
      `The number ${number} has no canonical form: JSON has only finite numbers.`,
    );
  }
  return `${number}`;
}

function canonicalArray(items: Json[]): string {
  let text = '[';
  for (let i = 0; i < items.length; i++) {
    if (i > 0) text += ',';
    text += canonicalize(items[i] as Json);
  }
  return text + ']';
}

// RFC 8785 §3.2.3: members sorted by the UTF-16 code units of their names, which is sort()'s own order.
/** The canonical text of an object, without the member `omitted`. */
export function canonicalObject(object: JsonObject, omitted?: string): string {
  const names = Object.keys(object);
  if (names.length > 1) names.sort();
  let text = '{';
  for (const name of names) {
    if (name === omitted) continue;
    text += (text.length > 1 ? ',' : '') + canonicalName(name) + canonicalize(object[name] as Json);
  }
  return text + '}';
}
