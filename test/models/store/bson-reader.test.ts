import { deserialize, serialize } from 'bson';
import * as fc from 'fast-check';
import mongoose from 'mongoose';
import { canonicalize } from '../../../lib/chain/canonical';
import type { Json } from '../../../lib/chain/json';
import {
  type Element,
  elements,
  ForeignValue,
  MalformedBson,
  readDate,
  readInt,
  readJson,
  readNumber,
  readString,
} from '../../../models/store/bson-reader';

const { Binary, BSONRegExp, BSONSymbol, Code, DBRef, Decimal128, Double, Int32, Long, ObjectId } =
  mongoose.mongo;
const { MaxKey, MinKey, Timestamp } = mongoose.mongo;

/** A document whose elements are these bytes: length, elements, zero. */
function documentOf(...parts: (Buffer | number[] | string)[]): Buffer {
  const body = Buffer.concat([...parts.map((part) => Buffer.from(part as string)), Buffer.from([0])]);
  const length = Buffer.alloc(4);
  length.writeInt32LE(body.length + 4);
  return Buffer.concat([length, body]);
}

/** The only element of a document. */
function only(bytes: Buffer): Element {
  const [element, ...rest] = elements(bytes);
  expect(rest).toEqual([]);
  return element!;
}

function stored(value: unknown): [Buffer, Element] {
  const bytes = Buffer.from(serialize({ value }, { ignoreUndefined: false }));
  return [bytes, only(bytes)];
}

/** BSON holds no U+0000 in names. */
const storableJson = fc
  .jsonValue({ maxDepth: 8 })
  .filter((json) => !JSON.stringify(json).includes('\\u0000'));

const FOREIGN: [string, unknown][] = [
  ['an ObjectId', new ObjectId()],
  ['a Decimal128', Decimal128.fromString('1')],
  ['a Long', Long.fromNumber(1)],
  ['a Long that the driver reads as a number', Long.fromNumber(2 ** 40)],
  ['a Double of a small integer', new Double(1)],
  ['a Double of minus zero', new Double(-0)],
  ['a Double that is no number', new Double(NaN)],
  ['an infinite Double', new Double(Infinity)],
  ['a symbol', new BSONSymbol('text')],
  ['bytes', new Binary(Buffer.from('text'))],
  ['bytes of a subtype', new Binary(Buffer.alloc(16), 4)],
  ['a regular expression', new BSONRegExp('a', 'i')],
  ['code', new Code('return 1')],
  ['code with a scope', new Code('return 1', { a: 1 })],
  ['a timestamp', new Timestamp({ t: 1, i: 1 })],
  ['the smallest key', new MinKey()],
  ['the largest key', new MaxKey()],
  ['a date', new Date(1)],
];

describe('readJson', () => {
  it.each(FOREIGN)('refuses %s', (_, value) => {
    expect(() => readJson(...stored(value))).toThrow(ForeignValue);
    expect(() => readJson(...stored({ deep: [value] }))).toThrow(ForeignValue);
  });

  it('refuses undefined and database pointers, which drivers do not write any more', () => {
    const undefinedElement = documentOf([0x06], 'value\0');
    const pointer = documentOf([0x0c], 'value\0', [2, 0, 0, 0], 'c\0', Buffer.alloc(12));
    for (const bytes of [undefinedElement, pointer]) {
      expect(() => readJson(bytes, only(bytes))).toThrow(ForeignValue);
    }
  });

  it('reads a reference as the object that it is', () => {
    const [bytes, element] = stored(new DBRef('c', 1 as never, 'db'));
    expect(readJson(bytes, element)).toEqual({ $ref: 'c', $id: 1, $db: 'db' });
  });

  it('gives back every JSON value as the driver stores it', () => {
    fc.assert(
      fc.property(storableJson, (json) => {
        const text = canonicalize(json as Json);
        const [bytes, element] = stored(JSON.parse(text));
        expect(canonicalize(readJson(bytes, element))).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  it('reads what the bson package reads', () => {
    fc.assert(
      fc.property(storableJson, (json) => {
        const [bytes, element] = stored(JSON.parse(canonicalize(json as Json)));
        expect(readJson(bytes, element)).toStrictEqual(deserialize(bytes)['value']);
      }),
    );
  });

  it.each([
    0,
    1,
    -1,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    -(2 ** 31) - 1,
    2 ** 53,
    -(2 ** 53),
    5e-324,
    1.5,
    1e308,
  ])('gives back the number %p', (number) => {
    expect(readJson(...stored(number))).toBe(number);
  });

  it('keeps the name __proto__', () => {
    const [bytes, element] = stored(JSON.parse('{"__proto__":{"a":1}}'));
    expect(canonicalize(readJson(bytes, element))).toBe('{"__proto__":{"a":1}}');
  });

  it('refuses a name that is there twice', () => {
    const twin = (value: number): Buffer => Buffer.from([0x10, 0x61, 0, value, 0, 0, 0]);
    const bytes = documentOf([0x03], 'value\0', documentOf(twin(1), twin(2)));
    expect(() => readJson(bytes, only(bytes))).toThrow(/"a" is there twice/);
  });

  it('refuses __proto__ that is there twice', () => {
    const twin = Buffer.concat([Buffer.from([0x0a]), Buffer.from('__proto__\0')]);
    const bytes = documentOf([0x03], 'value\0', documentOf(twin, twin));
    expect(() => readJson(bytes, only(bytes))).toThrow(/there twice/);
  });

  it.each([
    ['from 1', ['1']],
    ['with a gap', ['0', '2']],
    ['backwards', ['1', '0']],
    ['with a zero before', ['00']],
    ['twice', ['0', '0']],
    ['by a word', ['length']],
    ['by nothing', ['']],
  ])('refuses an array whose items are numbered %s', (_, names) => {
    const items = names.map((name) => Buffer.from(`\x0a${name}\0`));
    const bytes = documentOf([0x04], 'value\0', documentOf(...items));
    expect(() => readJson(bytes, only(bytes))).toThrow(ForeignValue);
  });

  it.each([2, 0x7f, 0xff])('refuses a boolean that is %p', (byte) => {
    const bytes = documentOf([0x08], 'value\0', [byte]);
    expect(() => readJson(bytes, only(bytes))).toThrow(ForeignValue);
  });

  it('refuses documents that are nested too deep, without a deep stack', () => {
    let inner = documentOf();
    for (let level = 0; level < 10_000; level++) inner = documentOf([0x03], 'a\0', inner);
    expect(() => readJson(inner, only(inner))).toThrow(MalformedBson);
  });
});

describe('readString', () => {
  const stringOf = (content: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeInt32LE(content.length + 1);
    return documentOf([0x02], 'value\0', length, content, [0]);
  };

  it.each(['', 'a\0b', '\ufffd', '\ufeffx', '\u{10FFFF}', 'é'.repeat(1000)])('gives back %p', (text) => {
    expect(readString(...stored(text))).toBe(text);
  });

  it.each([
    ['a lone surrogate', [0xed, 0xa0, 0x80]],
    ['an overlong form', [0xc0, 0x80]],
    ['a cut sequence', [0xe2, 0x82]],
    ['a byte of no sequence', [0xff]],
    ['a code point beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['a bad byte beside a true U+FFFD', [0xef, 0xbf, 0xbd, 0x80]],
  ])('refuses bytes that are not UTF-8: %s', (_, content) => {
    const bytes = stringOf(Buffer.from(content));
    expect(() => readString(bytes, only(bytes))).toThrow(ForeignValue);
  });

  it('refuses one without an end', () => {
    const bytes = stringOf(Buffer.from('ab'));
    bytes[bytes.length - 2] = 0x63;
    expect(() => readString(bytes, only(bytes))).toThrow(MalformedBson);
  });

  it.each(FOREIGN)('refuses %s', (_, value) => {
    expect(() => readString(...stored(value))).toThrow(ForeignValue);
  });
});

describe('readNumber and readInt', () => {
  it('refuse another type of the same value', () => {
    for (const value of [Long.fromNumber(7), new Double(7), Decimal128.fromString('7'), '7', true]) {
      expect(() => readNumber(...stored(value))).toThrow(ForeignValue);
      expect(() => readInt(...stored(value))).toThrow(ForeignValue);
    }
    expect(readNumber(...stored(new Int32(7)))).toBe(7);
    expect(readInt(...stored(7))).toBe(7);
  });
});

describe('readDate', () => {
  it.each([0, 1, -1, 1_795_308_000_123, -62_167_219_200_000, 253_402_300_799_999])(
    'gives back %p',
    (time) => {
      expect(readDate(...stored(new Date(time)))).toBe(new Date(time).toISOString());
    },
  );

  it('gives back any two in turn', () => {
    const times = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });
    fc.assert(
      fc.property(fc.array(times, { maxLength: 4 }), (all) => {
        expect(all.map((time) => readDate(...stored(new Date(time))))).toEqual(
          all.map((time) => new Date(time).toISOString()),
        );
      }),
    );
  });

  it.each([253_402_300_800_000, -62_167_219_200_001, 8.64e15, -8.64e15])('refuses %p', (time) => {
    expect(() => readDate(...stored(new Date(time)))).toThrow(ForeignValue);
  });

  it('refuses times that no Date holds', () => {
    for (const time of [2n ** 63n - 1n, -(2n ** 63n), 2n ** 62n]) {
      const bytes = documentOf([0x09], 'value\0', Buffer.alloc(8));
      bytes.writeBigInt64LE(time, 11);
      expect(() => readDate(bytes, only(bytes))).toThrow(ForeignValue);
    }
  });

  it('refuses a text that says the same', () => {
    expect(() => readDate(...stored('1970-01-01T00:00:00.000Z'))).toThrow(ForeignValue);
  });
});

describe('elements', () => {
  const walk = (bytes: Buffer): Element[] => [...elements(bytes)];

  it('names each type as $type does', () => {
    const types = FOREIGN.map(([, value]) => stored(value)[1].type);
    const doubles = ['double', 'double', 'double', 'double'];
    expect(types).toEqual([
      ...['objectId', 'decimal', 'long', 'long', ...doubles, 'symbol', 'binData', 'binData', 'regex'],
      ...['javascript', 'javascriptWithScope', 'timestamp', 'minKey', 'maxKey', 'date'],
    ]);
  });

  it.each<[string, Buffer]>([
    ['no bytes', Buffer.alloc(0)],
    ['three bytes', Buffer.from([5, 0, 0])],
    ['a length too small', Buffer.from([4, 0, 0, 0, 0])],
    ['a negative length', Buffer.from([255, 255, 255, 255, 0])],
    ['a length beyond the end', Buffer.from([6, 0, 0, 0, 0])],
    ['no zero at the end', Buffer.from([5, 0, 0, 0, 1])],
    ['an unknown type', documentOf([0x20], 'a\0')],
    ['a name without an end', documentOf([0x0a], 'abc')],
    ['a cut number', documentOf([0x10], 'a\0', [1, 0])],
    ['a cut date', documentOf([0x09], 'a\0', [1, 0])],
    ['a string without its length', documentOf([0x02], 'a\0', [1])],
    ['a string of no length', documentOf([0x02], 'a\0', [0, 0, 0, 0])],
    ['a string of a negative length', documentOf([0x02], 'a\0', [255, 255, 255, 255, 0])],
    ['a string that ends elsewhere', documentOf([0x02], 'a\0', [99, 0, 0, 0], 'b\0')],
    ['bytes of a negative length', documentOf([0x05], 'a\0', [255, 255, 255, 255, 0])],
    ['a document too small', documentOf([0x03], 'a\0', [4, 0, 0, 0])],
    ['a document longer than its own', documentOf([0x03], 'a\0', [64, 0, 0, 0, 0])],
    ['a regular expression without an end', documentOf([0x0b], 'a\0', 'xyz')],
    ['a regular expression without options', documentOf([0x0b], 'a\0', 'xyz\0')],
    ['the same, where reading on would lead back to it', Buffer.from('0b0000000b610078797a00', 'hex')],
  ])('says that these are no document: %s', (_, bytes) => {
    expect(() => walk(bytes)).toThrow(MalformedBson);
  });

  it('reads every beginning of a document as malformed', () => {
    const bytes = Buffer.from(serialize({ a: 'text', b: [1, { c: null }], d: new Date(1), e: /x/i, f: 1.5 }));
    for (let length = 0; length < bytes.length; length++) {
      expect(() => walk(bytes.subarray(0, length))).toThrow(MalformedBson);
    }
  });
});
