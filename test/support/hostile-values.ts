import * as fc from 'fast-check';
import mongoose from 'mongoose';
import { codePoint } from './code-points';

const { Binary, BSONRegExp, Code, Decimal128, Double, Int32, Long, MaxKey, ObjectId, Timestamp } =
  mongoose.mongo;

/** Any sequence of UTF-16 code units: most long ones hold lone surrogates. */
const codeUnits = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0xff }).map((unit) => String.fromCharCode(unit)),
    fc.integer({ min: 0xd7f0, max: 0xe00f }).map((unit) => String.fromCharCode(unit)),
  ),
  maxLength: 12,
});

const texts = fc.oneof(
  codeUnits,
  fc.string({ unit: codePoint, maxLength: 20 }),
  fc.constantFrom('', '\0', '\ud800', '\udc00', '\ufffd', '\ufeffbom', '\u2028', '$set', '=1+1', '{"a":1}'),
  fc.constantFrom(
    'Bearer abcdefghijkl',
    'x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln y',
    'Basic YWxpY2U6cHc=',
  ),
);

/** Member names that databases, prototypes and drivers take for something else. */
export const hostileNames: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    '.',
    'a.b',
    '$',
    '$set',
    '$ref',
    '$id',
    '$db',
    '_id',
    '_bsontype',
    '__proto__',
    '0',
    '-1',
  ),
  fc.constantFrom('constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', 'inspect', 'then'),
  fc.constantFrom('a\0', 'a\ud800', 'a\udfff', 'a\ufffd', 'a\ufffd\ufffd', '\0', '\ud800', '\ufffd'),
  fc.constantFrom('password', 'apiKeys', 'X-Auth-Token', 'tokenCount'),
  codeUnits,
  fc.string({ unit: codePoint, maxLength: 12 }),
);

const BORDERS = [2 ** 31, 2 ** 32, 2 ** 53].flatMap((n) => [n - 1, n, n + 1, 1 - n, -n, -n - 1]);

const numbers = fc.oneof(
  fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 1e21, 1e-7, 0.1, ...BORDERS),
  fc.double(),
  fc.integer(),
);

const bytes = fc.uint8Array({ maxLength: 20 });

const binaries = bytes.chain((array) =>
  fc.constantFrom<unknown>(
    array,
    Buffer.from(array),
    array.buffer,
    new DataView(array.buffer),
    new Float64Array([array.length, NaN, -0]),
    new BigUint64Array([BigInt(array.length)]),
    new SharedArrayBuffer(array.length),
    new Uint8ClampedArray(array).subarray(array.length >> 1),
  ),
);

const boxed = fc.oneof(
  texts.map((text) => Object(text) as unknown),
  numbers.map((number) => Object(number) as unknown),
  fc.constantFrom<unknown>(Object(true), Object(1n), Object(Symbol('boxed'))),
);

const driverValues = fc.oneof(
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((id) => new ObjectId(id) as unknown),
  fc.constantFrom<unknown>(
    Decimal128.fromString('1.50'),
    Long.fromString('9007199254740993'),
    new Double(1),
    new Int32(1),
    new Timestamp({ t: 1, i: 2 }),
    new Binary(Buffer.from('bytes')),
    new BSONRegExp('a', 'i'),
    new Code('return 1'),
    new MaxKey(),
  ),
);

const odd = fc.constantFrom<unknown>(
  undefined,
  null,
  true,
  false,
  Symbol('symbol'),
  () => 'function',
  /regex/g,
  new URL('https://user@example.com/a?b'),
  new Date(0),
  new Date(NaN),
  new Date(8.64e15),
  new WeakMap(),
  Promise.resolve(1),
  globalThis.process.versions,
);

/** A proxy whose every trap throws. */
function throwing(): unknown {
  const trap = (): never => {
    throw new Error('trap');
  };
  const traps = new Proxy({}, { get: () => trap });
  return new Proxy({}, traps);
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Within objects: fast-check itself looks at the values that it makes. */
const traps = fc.constantFrom(throwing, revoked).map((make) => ({ trap: make() }));

/** An object with exactly these members, whatever their names. */
function withMembers(members: [string, unknown][], prototype: object | null = Object.prototype): object {
  const object = Object.create(prototype) as object;
  for (const [name, value] of members) {
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}

function withThrowingGetter(members: [string, unknown][]): object {
  return Object.defineProperty(withMembers(members), 'unreadable', {
    enumerable: true,
    get() {
      throw new TypeError('getter');
    },
  });
}

function cyclic(members: [string, unknown][]): object {
  const object = withMembers(members) as Record<string, unknown>;
  return Object.assign(object, { self: object, list: [object, new Map([['key', object]])] });
}

function sparse(items: unknown[]): unknown[] {
  const array = items.slice();
  array[items.length + 3] = 'last';
  return array;
}

/** `value` within `depth` objects and arrays. */
export function nested(value: unknown, depth: number): unknown {
  let outer = value;
  for (let level = 0; level < depth; level++) outer = level % 2 ? [outer] : { in: outer };
  return outer;
}

/** All that JavaScript code may hand to a ledger. None of it changes from one reading to the next. */
export const hostileValues: fc.Arbitrary<unknown> = fc.letrec<{
  value: unknown;
  members: [string, unknown][];
}>((tie) => ({
  members: fc.array(fc.tuple(hostileNames, tie('value')), { maxLength: 5 }),
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(
      texts,
      numbers,
      binaries,
      boxed,
      driverValues,
      odd,
      traps,
      fc.bigInt(),
      fc.date({ noInvalidDate: false }),
    ),
    tie('members').map((members) => withMembers(members)),
    tie('members').map((members) => withMembers(members, null)),
    tie('members').map(withThrowingGetter),
    tie('members').map(cyclic),
    tie('members').map((members) => new Map<unknown, unknown>(members)),
    tie('members').map((members) => new Map<unknown, unknown>([...members, [{}, 1]])),
    tie('members').map((members) => withMembers([['_bsontype', 'ObjectId'], ...members])),
    tie('members').map((members) => withMembers([['$ref', 'c'], ['$id', 1], ...members])),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(tie('value'), { maxLength: 4 }).map(sparse),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => new Set(items)),
    tie('value').map((value) => ({ toJSON: () => value })),
    tie('value').map((cause) => new RangeError('failed', { cause })),
    tie('value').map((value) => Object.assign(new Error('e'), { code: value })),
    fc.tuple(tie('value'), fc.integer({ min: 25, max: 40 })).map(([value, depth]) => nested(value, depth)),
  ),
})).value;

/** Checks a property of any hostile value. A failure names seed and path: fast-check cannot print such values. */
export function forHostileValues(check: (value: unknown) => void, numRuns: number): void {
  const { failed, seed, counterexamplePath, errorInstance } = fc.check(fc.property(hostileValues, check), {
    numRuns,
    endOnFailure: true,
  });
  if (!failed) return;
  throw new Error(`seed ${seed}, path ${counterexamplePath}: ${String(errorInstance)}`, {
    cause: errorInstance,
  });
}
