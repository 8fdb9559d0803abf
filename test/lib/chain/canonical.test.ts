import * as fc from 'fast-check';
import { canonicalize, canonicalObject } from '../../../lib/chain/canonical';
import type { Json, JsonObject } from '../../../lib/chain/json';
import { isAuditError } from '../../../lib/errors';
import vectors from '../../vectors/canonical.json';

/** The double with these 64 bits. */
const double = (hex: string): number => Buffer.from(hex, 'hex').readDoubleBE();

const codeOf = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return isAuditError(error) ? error.code : error;
  }
};

describe('the vectors', () => {
  it.each(vectors.cases.map(({ value, canonical }) => [canonical, value as Json] as const))(
    '%s',
    (text, value) => {
      expect(canonicalize(value)).toBe(text);
    },
  );
});

describe('names', () => {
  it('are written the same when they come again, and when more have come than are remembered', () => {
    const object: JsonObject = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, n) => [`name "${n}"`, n]),
    );
    const sorted = Object.keys(object).sort();
    const text = `{${sorted.map((name) => `${JSON.stringify(name)}:${JSON.stringify(object[name])}`).join(',')}}`;
    expect(canonicalObject(object)).toBe(text);
    expect(canonicalObject(object)).toBe(text);
  });
});

describe('RFC 8785', () => {
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('appendix B: the number %s', (hex, text) => {
    expect(canonicalize(double(hex))).toBe(text);
  });

  it.each(['7fffffffffffffff', '7ff0000000000000', 'fff0000000000000'])('appendix B: refuses %s', (hex) => {
    expect(codeOf(() => canonicalize(double(hex)))).toBe('UNREADABLE');
  });

  it('section 3.2.3: sorts by UTF-16 code units', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(canonicalize(value)) as object)).toHaveLength(7);
    expect(canonicalize(value)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis",' +
        '"\u20ac":"Euro Sign","\ud83d\ude00":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    );
  });

  it('section 3.2.2: the sample', () => {
    const value = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonicalize(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('escapes the controls and nothing else', () => {
    const wrong: number[] = [];
    for (let unit = 0; unit < 0xd800; unit++) {
      const text = String.fromCharCode(unit);
      const short = { 8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r', 34: '\\"', 92: '\\\\' }[unit];
      const control = unit < 32 ? `\\u${unit.toString(16).padStart(4, '0')}` : text;
      if (canonicalize(text) !== `"${short ?? control}"`) wrong.push(unit);
    }
    expect(wrong).toEqual([]);
  });
});

describe('what JSON cannot hold', () => {
  it.each<[string, unknown]>([
    ['a lone high surrogate', '\ud800'],
    ['a lone low surrogate', 'a\udc00b'],
    ['surrogates in the wrong order', '\udc00\ud800'],
    ['NaN', NaN],
    ['Infinity', Infinity],
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a bigint', 1n],
  ])('is refused: %s', (_, value) => {
    for (const json of [value, [value], { a: value }, { a: [{ b: value }] }]) {
      expect(codeOf(() => canonicalize(json as Json))).toBe('UNREADABLE');
    }
  });

  it('is refused in a name', () => {
    expect(codeOf(() => canonicalize({ '\ud800': 1 }))).toBe('UNREADABLE');
  });

  it('is refused as a hole of an array', () => {
    expect(codeOf(() => canonicalize(new Array(2) as Json))).toBe('UNREADABLE');
  });
});

describe('any JSON value', () => {
  const reversed = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(reversed);
    const members = Object.entries(value).reverse();
    return Object.fromEntries(members.map(([name, member]) => [name, reversed(member)]));
  };
  const withoutMinusZero = (_: string, value: unknown): unknown => (Object.is(value, -0) ? 0 : value);

  it('comes back from its canonical text, which is canonical', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const text = canonicalize(json as Json);
        const back = JSON.parse(text) as Json;
        expect(back).toEqual(JSON.parse(JSON.stringify(json), withoutMinusZero));
        expect(canonicalize(back)).toBe(text);
      }),
    );
  });

  it('has one text whatever the order of its members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(canonicalize(reversed(json) as Json)).toBe(canonicalize(json as Json));
      }),
    );
  });

  it('has a text of its own', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const same = canonicalize(one as Json) === canonicalize(other as Json);
        expect(same).toBe(canonicalize([one as Json, 1]) === canonicalize([other as Json, 1]));
        if (same)
          expect(JSON.parse(canonicalize(one as Json))).toEqual(JSON.parse(canonicalize(other as Json)));
      }),
    );
  });
});

describe('canonicalObject', () => {
  it('leaves out one member, at the top alone', () => {
    const object: JsonObject = { hash: 'x', a: { hash: 'y' }, b: 1 };
    expect(canonicalObject(object, 'hash')).toBe('{"a":{"hash":"y"},"b":1}');
    expect(canonicalObject({ hash: 'x' }, 'hash')).toBe('{}');
    expect(canonicalObject(object)).toBe(canonicalize(object));
  });
});
