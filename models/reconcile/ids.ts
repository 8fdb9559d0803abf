import type { Json } from '../../lib/chain/json';
import { isObject } from '../../lib/util/complaints';

/** The types of ids, in the order in which the database sorts them: one query finds those of one type alone. */
export const BRACKETS = [
  'null',
  'number',
  'string',
  'object',
  'binData',
  'objectId',
  'bool',
  'date',
  'timestamp',
] as const;

/** Makes values of the driver's. */
interface Types {
  ObjectId: { createFromHexString(hex: string): unknown };
  Long: { fromString(text: string): unknown };
  Decimal128: { fromString(text: string): unknown };
  UUID: new (text: string) => unknown;
  Binary: new (bytes: Uint8Array) => unknown;
}

const HEX = /^[0-9a-f]{24}$/;
const WHOLE = /^-?(0|[1-9]\d{0,17})$/;
const DECIMAL = /^-?\d+(\.\d+)?(E[+-]?\d+)?$/i;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** All ids that an entry may mean: it has them as texts. Null where those of its kind are too many to tell. */
export function idsOf(text: string, recorded: Json | undefined, bson: object): unknown[] | null {
  const types = bson as Types;
  if (isObject(recorded) || Array.isArray(recorded)) return null;
  const ids: unknown[] = [text];
  if (HEX.test(text)) ids.push(types.ObjectId.createFromHexString(text));
  if (WHOLE.test(text)) ids.push(Number(text), types.Long.fromString(text));
  else if (DECIMAL.test(text)) ids.push(Number(text));
  if (DECIMAL.test(text) && text.length <= 34) ids.push(types.Decimal128.fromString(text));
  if (UUID.test(text)) ids.push(new types.UUID(text));
  if (INSTANT.test(text)) ids.push(new Date(text));
  if (BASE64.test(text)) ids.push(new types.Binary(Buffer.from(text, 'base64')));
  if (text === 'true' || text === 'false') ids.push(text === 'true');
  return ids;
}

/**
 * Whether an ObjectId was made after another: by its second, and within one second by the counter, where one process has made
 * both. False where that is not certain.
 */
export function isMadeAfter(one: string, other: string): boolean {
  if (!HEX.test(one) || !HEX.test(other)) return false;
  const [time, otherTime] = [one.slice(0, 8), other.slice(0, 8)];
  if (time !== otherTime) return time > otherTime;
  return one.slice(8, 18) === other.slice(8, 18) && one.slice(18) > other.slice(18);
}
