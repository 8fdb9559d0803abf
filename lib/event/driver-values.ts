import { encodeHex } from '../util/hex';

type Members = Record<string, unknown>;

/** Values of MongoDB's driver by the tag that their prototypes have, of whatever version; none is imported. */
const READERS: Record<string, (value: Members) => unknown> = {
  ObjectId: printed('toHexString'),
  ObjectID: printed('toHexString'),
  Decimal128: (value) => (ArrayBuffer.isView(value['bytes']) ? printed('toString')(value) : undefined),
  Long: (value) => (isWord(value['high']) && isWord(value['low']) ? printed('toString')(value) : undefined),
  Int32: numeric,
  Double: numeric,
  Binary: bytes,
  UUID: bytes,
  Timestamp: (value) =>
    isWord(value['t']) && isWord(value['i']) ? { t: value['t'], i: value['i'] } : undefined,
  BSONRegExp: ({ pattern, options }) =>
    typeof pattern === 'string' && typeof options === 'string' ? `/${pattern}/${options}` : undefined,
  BSONSymbol: ({ value }) => (typeof value === 'string' ? value : undefined),
  Symbol: ({ value }) => (typeof value === 'string' ? value : undefined),
  MinKey: () => 'MinKey',
  MaxKey: () => 'MaxKey',
};

/**
 * What a value of MongoDB's driver is to people: of a `Decimal128` `"12.50"`, of a `Long` the number's text. `undefined`
 * for any other object, also for one that came as JSON and only says that it is one: the tag must be inherited.
 */
export function driverValue(object: object): unknown {
  if (!('_bsontype' in object) || Object.hasOwn(object, '_bsontype')) return undefined;
  const { _bsontype: tag } = object;
  const read = typeof tag === 'string' && Object.hasOwn(READERS, tag) ? READERS[tag] : undefined;
  return read?.(object);
}

function printed(method: 'toHexString' | 'toString'): (value: Members) => unknown {
  return (value) => {
    const print: unknown = Reflect.get(value, method);
    const text: unknown = typeof print === 'function' ? print.call(value) : undefined;
    return typeof text === 'string' ? text : undefined;
  };
}

function numeric({ value }: Members): unknown {
  return typeof value === 'number' ? value : undefined;
}

function isWord(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value);
}

const UUID_SUBTYPE = 4;

/** As a `Buffer` with the same bytes; a UUID as its text. */
function bytes({ buffer, position, sub_type: kind }: Members): unknown {
  if (!ArrayBuffer.isView(buffer)) return undefined;
  const length = isWord(position) ? Math.min(position, buffer.byteLength) : buffer.byteLength;
  const all = new Uint8Array(buffer.buffer, buffer.byteOffset, length);
  if (all.length === 16 && kind === UUID_SUBTYPE)
    return encodeHex(all).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return all;
}

/** The bytes of what a `Buffer` gives as JSON, which is also what a Mongoose document has for its own; else null. */
export function bytesOfJson(object: object): Uint8Array | null {
  const { type, data } = object as { type?: unknown; data?: unknown };
  if (type !== 'Buffer' || !Array.isArray(data) || Object.keys(object).length !== 2) return null;
  return data.every(isByte) ? Uint8Array.from(data) : null;
}

function isByte(value: unknown): value is number {
  return isWord(value) && value >= 0 && value < 256;
}
