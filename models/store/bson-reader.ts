import type { Json, JsonObject } from '../../lib/chain/json';
import { isoText, isPrintable } from '../../lib/event/instant';
import { setMember } from '../../lib/chain/set-member';

/** Element types of BSON (bsonspec.org), with the names that MongoDB's `$type` uses. */
const TYPES: Record<number, string> = {
  0x01: 'double',
  0x02: 'string',
  0x03: 'object',
  0x04: 'array',
  0x05: 'binData',
  0x06: 'undefined',
  0x07: 'objectId',
  0x08: 'bool',
  0x09: 'date',
  0x0a: 'null',
  0x0b: 'regex',
  0x0c: 'dbPointer',
  0x0d: 'javascript',
  0x0e: 'symbol',
  0x0f: 'javascriptWithScope',
  0x10: 'int',
  0x11: 'timestamp',
  0x12: 'long',
  0x13: 'decimal',
  0x7f: 'maxKey',
  0xff: 'minKey',
};

/** Sizes in bytes of the element types with a fixed size. */
const SIZES: Record<string, number> = {
  double: 8,
  undefined: 0,
  objectId: 12,
  bool: 1,
  date: 8,
  null: 0,
  int: 4,
  timestamp: 8,
  long: 8,
  decimal: 16,
  maxKey: 0,
  minKey: 0,
};

/** Levels of nested documents. MongoDB itself stores at most 100. */
const MAX_DEPTH = 200;

/** Thrown for bytes that are not a BSON document. */
export class MalformedBson extends Error {
  override readonly name = 'MalformedBson';
}

/** Thrown for a value that this package never stores, because of its type or form, such as a long. */
export class ForeignValue extends Error {
  override readonly name = 'ForeignValue';
}

/** One element of a document. Its value, not decoded yet, is the bytes from `start` to before `end`. */
export interface Element {
  name: string;
  type: string;
  start: number;
  end: number;
}

/**
 * Reads the elements of a document. For example, `{ a: 1 }` is 12 bytes: `0c000000` (the length), `10` (int), `6100`
 * (the name), `01000000` (the value), `00` (the end).
 *
 * The driver's own reader is not strict enough for evidence. It reads a symbol as a string and a long as an int, changes
 * `{ $ref, $id }` into another object, and drops one of two members with the same name.
 * @throws MalformedBson
 */
export function* elements(bytes: Buffer, start = 0): Generator<Element> {
  const end = start + int32(bytes, start) - 1;
  if (end > bytes.length - 1 || end < start + 4 || bytes[end] !== 0)
    throw new MalformedBson('a document has a wrong length');
  let at = start + 4;
  while (at < end) {
    const type = TYPES[bytes[at] as number];
    const nameEnd = bytes.indexOf(0, at + 1);
    if (type === undefined || nameEnd < 0 || nameEnd >= end)
      throw new MalformedBson('an element is of no known type');
    const valueEnd = nameEnd + 1 + valueLength(type, bytes, nameEnd + 1);
    if (valueEnd > end) throw new MalformedBson('an element is longer than its document');
    yield { name: text(bytes, at + 1, nameEnd), type, start: nameEnd + 1, end: valueEnd };
    at = valueEnd;
  }
}

/** A document that has one element of another alone. */
export function documentOf(bytes: Buffer, { name, type, start, end }: Element): Buffer {
  const code = Object.entries(TYPES).find(([, known]) => known === type)?.[0];
  const head = Buffer.concat([Buffer.of(Number(code)), Buffer.from(`${name}\0`), bytes.subarray(start, end)]);
  const document = Buffer.concat([Buffer.alloc(4), head, Buffer.of(0)]);
  document.writeInt32LE(document.length, 0);
  return document;
}

function valueLength(type: string, bytes: Buffer, at: number): number {
  const fixed = SIZES[type];
  if (fixed !== undefined) return fixed;
  switch (type) {
    case 'string':
    case 'symbol':
    case 'javascript':
      return 4 + lengthAt(bytes, at, 1);
    case 'dbPointer':
      return 4 + lengthAt(bytes, at, 1) + 12;
    case 'binData':
      return 5 + lengthAt(bytes, at, 0);
    case 'regex':
      return endOfText(bytes, endOfText(bytes, at)) - at;
    default: // object, array, javascriptWithScope: the length includes its own 4 bytes
      return lengthAt(bytes, at, 5);
  }
}

/** The position after a text that ends with a zero byte. */
function endOfText(bytes: Buffer, at: number): number {
  const zero = bytes.indexOf(0, at);
  if (zero < 0) throw new MalformedBson('a text has no end');
  return zero + 1;
}

function lengthAt(bytes: Buffer, at: number, min: number): number {
  const length = int32(bytes, at);
  if (length < min) throw new MalformedBson('a length is too small');
  return length;
}

function int32(bytes: Buffer, at: number): number {
  if (at + 4 > bytes.length) throw new MalformedBson('the bytes end too early');
  return bytes.readInt32LE(at);
}

/** @throws ForeignValue for bytes that are not UTF-8: different bytes must not give the same text. */
function text(bytes: Buffer, start: number, end: number): string {
  const string = bytes.toString('utf8', start, end);
  if (string.includes('\uFFFD') && !Buffer.from(string).equals(bytes.subarray(start, end))) {
    throw new ForeignValue('a text is not UTF-8');
  }
  return string;
}

/** @throws ForeignValue for another type, or bytes that are not UTF-8. */
export function readString(bytes: Buffer, element: Element): string {
  expectType(element, 'string');
  if (bytes[element.end - 1] !== 0) throw new MalformedBson('a string has no end');
  return text(bytes, element.start + 4, element.end - 1);
}

/** @throws ForeignValue for another type: this package never stores such a value as a long or double. */
export function readInt(bytes: Buffer, element: Element): number {
  expectType(element, 'int');
  return bytes.readInt32LE(element.start);
}

/**
 * A number in the only form that the driver writes: an int if it fits in 32 bits, otherwise a double.
 * @throws ForeignValue for other types and forms, such as the double 1.
 */
export function readNumber(bytes: Buffer, element: Element): number {
  if (element.type === 'int') return readInt(bytes, element);
  expectType(element, 'double');
  const number = bytes.readDoubleLE(element.start);
  if (!Number.isFinite(number) || (number | 0) === number) {
    throw new ForeignValue(`the double ${number} was never written`);
  }
  return number;
}

/** The value of a number of any type, rounded to a double; NaN for a value that is not a number. */
export function numericValue(bytes: Buffer, { type, start }: Element): number {
  switch (type) {
    case 'int':
      return bytes.readInt32LE(start);
    case 'double':
      return bytes.readDoubleLE(start);
    case 'long':
      return Number(bytes.readBigInt64LE(start));
    case 'decimal':
      return smallDecimal(bytes.readBigUInt64LE(start), bytes.readBigUInt64LE(start + 8));
    default:
      return NaN;
  }
}

/** A decimal128 that is a whole number without an exponent (stored as 6176) and below 2^64; NaN for others. */
function smallDecimal(low: bigint, high: bigint): number {
  return high === 6176n << 49n ? Number(low) : NaN;
}

/**
 * A date as an ISO 8601 string.
 * @throws ForeignValue for another type, or a year that has not four digits.
 */
export function readDate(bytes: Buffer, element: Element): string {
  expectType(element, 'date');
  const time = bytes.readInt32LE(element.start + 4) * 2 ** 32 + bytes.readUInt32LE(element.start);
  if (!isPrintable(time)) throw new ForeignValue('a date is out of range');
  return isoText(time);
}

function readBool(bytes: Buffer, { start }: Element): boolean {
  const byte = bytes[start] as number;
  if (byte > 1) throw new ForeignValue(`the boolean ${byte} was never written`);
  return byte === 1;
}

/** @throws ForeignValue for a value that is not JSON. */
export function readJson(bytes: Buffer, element: Element, depth = 0): Json {
  switch (element.type) {
    case 'string':
      return readString(bytes, element);
    case 'bool':
      return readBool(bytes, element);
    case 'null':
      return null;
    case 'object':
      return object(bytes, element.start, depth + 1);
    case 'array':
      return array(bytes, element.start, depth + 1);
    default:
      return readNumber(bytes, element);
  }
}

function expectType({ type }: Element, expected: string): void {
  if (type !== expected) throw new ForeignValue(`its BSON type is ${type}, not ${expected}`);
}

function object(bytes: Buffer, start: number, depth: number): JsonObject {
  assertDepth(depth);
  const json: JsonObject = {};
  for (const element of elements(bytes, start)) {
    if (Object.hasOwn(json, element.name))
      throw new ForeignValue(`the member ${JSON.stringify(element.name)} is there twice`);
    setMember(json, element.name, readJson(bytes, element, depth));
  }
  return json;
}

function array(bytes: Buffer, start: number, depth: number): Json[] {
  assertDepth(depth);
  const items: Json[] = [];
  for (const element of elements(bytes, start)) {
    if (element.name !== String(items.length))
      throw new ForeignValue('the items of an array are not numbered in order');
    items.push(readJson(bytes, element, depth));
  }
  return items;
}

function assertDepth(depth: number): void {
  if (depth > MAX_DEPTH) throw new MalformedBson(`documents are nested more than ${MAX_DEPTH} deep`);
}
