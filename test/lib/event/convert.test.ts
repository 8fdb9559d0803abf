import * as fc from 'fast-check';
import mongoose from 'mongoose';
import { canonicalize } from '../../../lib/chain/canonical';
import type { Json } from '../../../lib/chain/json';
import { convert as convertMember } from '../../../lib/event/convert';
import { type RedactOptions, createSecrets } from '../../../lib/event/secrets';
import { forHostileValues, hostileNames, nested } from '../../support/hostile-values';
import { sized } from '../../support/sized';

const secrets = createSecrets();
const convert = (value: unknown): Json | undefined => convertMember(value, 'metadata', secrets);
const convertWith = (value: unknown, redact: RedactOptions): Json | undefined =>
  convertMember(value, 'metadata', createSecrets(redact));

/** An object made by JSON.parse, which takes `__proto__` for a name like any other. */
const parsed = (text: string): unknown => JSON.parse(text);

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

function namesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return [...own, ...Object.values(value).flatMap(namesOf)];
}

describe('what a value becomes', () => {
  const ENCODED = Buffer.from([1, 2, 250]).toString('base64');
  const id = new mongoose.Types.ObjectId('64f000000000000000000001');

  it.each<[string, unknown, unknown]>([
    ['a string', 'text', 'text'],
    ['a number', 1.5, 1.5],
    ['a boolean', false, false],
    ['null', null, null],
    ['a date', new Date(1), '1970-01-01T00:00:00.001Z'],
    ['a date beyond the year 9999', new Date(8.64e15), '+275760-09-13T00:00:00.000Z'],
    ['an invalid date', new Date(NaN), 'Invalid Date'],
    ['a Buffer', Buffer.from([1, 2, 250]), ENCODED],
    ['a typed array', new Uint8Array([1, 2, 250]), ENCODED],
    ['a part of a typed array', new Uint8Array([9, 1, 2, 250, 9]).subarray(1, 4), ENCODED],
    ['a typed array of wide items', new Uint16Array([258]), 'AgE='],
    ['a DataView', new DataView(new Uint8Array([1, 2, 250]).buffer), ENCODED],
    ['an ArrayBuffer', new Uint8Array([1, 2, 250]).buffer, ENCODED],
    ['an empty Buffer', Buffer.alloc(0), ''],
    ['an error', new TypeError('no'), { name: 'TypeError', message: 'no' }],
    [
      'an error with a cause and a code',
      Object.assign(new Error('outer', { cause: new RangeError('inner') }), { code: 'E1' }),
      { name: 'Error', message: 'outer', code: 'E1', cause: { name: 'RangeError', message: 'inner' } },
    ],
    ['a Map with string keys', new Map([['a', { b: 1 }]]), { a: { b: 1 } }],
    [
      'a Map with other keys',
      new Map<unknown, unknown>([
        ['a', 1],
        [2, 'b'],
      ]),
      [
        ['a', 1],
        [2, 'b'],
      ],
    ],
    ['an empty Map', new Map(), {}],
    ['a Set', new Set([1, 'a', null]), [1, 'a', null]],
    ['an ObjectId', id, '64f000000000000000000001'],
    ['a Decimal128', mongoose.Types.Decimal128.fromString('1.50'), '1.50'],
    ['a URL', new URL('https://example.com/a?b=1'), 'https://example.com/a?b=1'],
    ['what toJSON gives', { toJSON: () => ({ at: new Date(1) }) }, { at: '1970-01-01T00:00:00.001Z' }],
    ['a bigint', 2n ** 70n, '1180591620717411303424'],
    ['NaN', NaN, 'NaN'],
    ['Infinity', Infinity, 'Infinity'],
    ['-Infinity', -Infinity, '-Infinity'],
    ['dropped members', { a: undefined, b: () => 1, c: Symbol('c'), d: 1 }, { d: 1 }],
    ['dropped items', [undefined, () => 1, Symbol('c'), 1], [null, null, null, 1]],
    ['a lone surrogate', 'a\ud800b\udc00', 'a\ufffdb\ufffd'],
    ['a surrogate pair', '\u{1F600}', '\u{1F600}'],
    ['a boxed string', Object('text'), 'text'],
    ['a boxed number', Object(-0), 0],
    ['a boxed boolean', Object(false), false],
    ['a boxed bigint', Object(7n), '7'],
    ['a regular expression', /a/g, '/a/g'],
    ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    [
      'an instance',
      new (class Money {
        cents = 5;
        get euro() {
          return 0.05;
        }
      })(),
      { cents: 5 },
    ],
  ])('%s', (_, value, json) => {
    expect(convert(value)).toStrictEqual(json);
    expect(convert({ member: value })).toStrictEqual({ member: json });
  });

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['undefined', undefined],
    ['a boxed symbol', Object(Symbol('s'))],
    ['toJSON that gives undefined', { toJSON: () => undefined }],
  ])('nothing, for %s', (_, value) => {
    expect(convert(value)).toBeUndefined();
  });

  it('zero, for minus zero', () => {
    expect(Object.is(convert(-0), 0)).toBe(true);
    expect(Object.is((convert([-0]) as number[])[0], 0)).toBe(true);
  });

  it('what a Mongoose document shows', () => {
    const schema = new mongoose.Schema({ title: String, tags: [String], at: Date, author: { name: String } });
    const Post = new mongoose.Mongoose().model('Post', schema);
    const post = new Post({ _id: id, title: 'T', tags: ['a'], at: new Date(1), author: { name: 'Ann' } });
    expect(convert(post)).toEqual({
      _id: '64f000000000000000000001',
      title: 'T',
      tags: ['a'],
      at: '1970-01-01T00:00:00.001Z',
      author: { name: 'Ann' },
    });
  });

  it('is not changed by what is given to JSON: the caller keeps its object', () => {
    const given = { password: 'p', nested: { at: new Date(1) } };
    convert(given);
    expect(given).toEqual({ password: 'p', nested: { at: new Date(1) } });
  });
});

describe('names', () => {
  const NAMES = [
    '',
    '.',
    'a.b',
    '$set',
    '$ref',
    '_bsontype',
    '__proto__',
    'constructor',
    'toString',
    '0',
    'é',
  ];

  it.each(NAMES)('come back unchanged: %p', (name) => {
    const json = convert(parsed(JSON.stringify({ x: 1 }).replace('"x"', JSON.stringify(name))));
    expect(Object.keys(json as object)).toEqual([name]);
    expect(canonicalize(json!)).toBe(`{${JSON.stringify(name)}:1}`);
    expect(Object.getPrototypeOf(json)).toBe(Object.prototype);
  });

  it('does not touch prototypes', () => {
    const json = convert(parsed('{"__proto__":{"polluted":true}}'));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect((json as { polluted?: unknown }).polluted).toBeUndefined();
    expect(canonicalize(json!)).toBe('{"__proto__":{"polluted":true}}');
  });

  it('holds U+FFFD for U+0000 and lone surrogates', () => {
    expect(convert({ 'a\0b': 1, 'c\ud800': 2 })).toEqual({ 'a\ufffdb': 1, 'c\ufffd': 2 });
  });

  it('loses nothing where two names would become one', () => {
    const json = convert({ 'a\ufffd': 1, 'a\0': 2, 'a\ud800': 3, 'a\udfff': 4, 'a\ufffd\ufffd': 5 });
    expect(Object.values(json as object).sort()).toEqual([1, 2, 3, 4, 5]);
    expect(json).toMatchObject({ 'a\ufffd': 1, 'a\ufffd\ufffd': 5 });
  });

  it('loses nothing in a Map either', () => {
    const json = convert(
      new Map([
        ['\0', 1],
        ['\ud800', 2],
        ['\ufffd', 3],
        ['__proto__', 4],
      ]),
    );
    expect(Object.values(json as object).sort()).toEqual([1, 2, 3, 4]);
  });

  it('loses none of any set of names', () => {
    fc.assert(
      fc.property(fc.uniqueArray(hostileNames, { maxLength: 30 }), (names) => {
        const map = new Map(names.map((name, i) => [name, i]));
        expect(Object.keys(convert(map) as object)).toHaveLength(names.length);
      }),
      { numRuns: 300 },
    );
  });
});

describe('secrets', () => {
  it('redacts by name before it reads the value, at any depth', () => {
    const value = {
      user: [
        {
          get password(): string {
            throw new Error('read');
          },
        },
      ],
      apiKey: { deep: 'hunter2' },
    };
    expect(convert(value)).toEqual({ user: [{ password: '[REDACTED]' }], apiKey: '[REDACTED]' });
  });

  it('redacts by name in Maps, errors, and what toJSON gives', () => {
    const map = new Map<unknown, unknown>([
      ['token', 'hunter2'],
      [1, 2],
    ]);
    const document = { toJSON: () => ({ pin: 1234 }) };
    expect(convert({ map, document })).toEqual({
      map: [
        ['token', '[REDACTED]'],
        [1, 2],
      ],
      document: { pin: '[REDACTED]' },
    });
    expect(convert(new Map([['token', 'hunter2']]))).toEqual({ token: '[REDACTED]' });
  });

  it('redacts by shape, also in keys of Maps, boxed texts and messages of errors', () => {
    const shape = 'Bearer abcdefghijkl';
    const value = [
      shape,
      Object(shape),
      new Error(`got ${shape}`),
      new Map<unknown, unknown>([
        [shape, 1],
        [2, shape],
      ]),
    ];
    expect(JSON.stringify(convert(value))).not.toContain('abcdefghijkl');
  });

  it('stores a secret member even where it is nothing: nobody learns whether it was set', () => {
    expect(convert({ password: undefined, token: null })).toEqual({
      password: '[REDACTED]',
      token: '[REDACTED]',
    });
  });

  describe('with `replace`', () => {
    it('stores what it gives, converted', () => {
      const replace = (name: string, value: unknown): unknown => ({
        name,
        length: String(value).length,
        at: new Date(1),
      });
      expect(convertWith({ password: 'hunter2' }, { replace })).toEqual({
        password: { name: 'password', length: 7, at: '1970-01-01T00:00:00.001Z' },
      });
    });

    it.each<[string, (name: string, value: unknown) => unknown, unknown]>([
      ['a secret shape', () => 'Bearer abcdefghijkl', '[REDACTED]'],
      ['a secret name', () => ({ token: 'hunter2' }), { token: '[REDACTED]' }],
      ['nothing', () => undefined, '[REDACTED]'],
      ['null', () => null, null],
    ])('stores no secret where it gives %s', (_, replace, stored) => {
      expect(convertWith({ password: 'hunter2' }, { replace })).toEqual({ password: stored });
    });

    it('stores a mark where it throws', () => {
      const replace = (_: string, value: unknown): never => {
        throw new Error(String(value));
      };
      const json = convertWith({ password: 'hunter2', list: ['Bearer abcdefghijkl'], kept: 1 }, { replace });
      expect(json).toEqual({ password: '[Unreadable]', list: [expect.any(String)], kept: 1 });
      expect(JSON.stringify(json)).not.toMatch(/hunter2|abcdefghijkl/);
    });

    it('keeps to 32 levels where it gives back what it got', () => {
      const value = nested({ password: nested('leaf', 20) }, 30);
      expect(depthOf(convertWith(value, { replace: (_, given) => given }))).toBeLessThanOrEqual(32);
    });

    it('ends where it gives back a cycle', () => {
      const value: Record<string, unknown> = {};
      value['password'] = { value };
      expect(() => canonicalize(convertWith(value, { replace: (_, given) => given })!)).not.toThrow();
    });
  });
});

describe('any value at all', () => {
  it('becomes JSON within the limits, or nothing, and that JSON becomes itself', () => {
    forHostileValues(
      (value) => {
        const json = convert(value);
        if (json === undefined) return;
        expect(canonicalize(parsed(canonicalize(json)) as Json)).toBe(canonicalize(json));
        expect(canonicalize(convert(json)!)).toBe(canonicalize(json));
        expect(depthOf(json)).toBeLessThanOrEqual(32);
        expect(namesOf(json).filter((name) => !name.isWellFormed() || name.includes('\0'))).toEqual([]);
      },
      sized(300, 1_000),
    );
  });

  it('becomes the same twice', () => {
    const text = (value: unknown): string => canonicalize(convert([value])!);
    forHostileValues((value) => expect(text(value)).toBe(text(value)), sized(150, 500));
  });

  it('comes back as it was when it is JSON without secrets', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        fc.pre(!JSON.stringify(value).includes('-0') && !namesOf(value).some((name) => secrets.isName(name)));
        expect(canonicalize(convert(value)!)).toBe(canonicalize(value as Json));
      }),
    );
  });
});
