import { isObject } from '../util/complaints';

/** Anything that prints as an identifier: a string, a number, a MongoDB ObjectId. */
export type Identifier = string | number | bigint | { toHexString(): string };

/** The text of an identifier; any other value as it is. */
export function identifierText(value: unknown): unknown {
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value)))
    return String(value);
  return hasHexString(value) ? value.toHexString() : value;
}

function hasHexString(value: unknown): value is { toHexString(): string } {
  return isObject(value) && typeof value['toHexString'] === 'function';
}
