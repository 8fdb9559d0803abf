import fc from 'fast-check';
import { canonicalize } from '../../../../lib/chain/canonical';
import type { Json } from '../../../../lib/chain/json';
import {
  hasTooManyParts,
  isCanonicalText,
  isDeeperThan,
  isTooMuchToRewrite,
} from '../../../../lib/evidence/check/nesting';

const levelsOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map((each: unknown) => levelsOf(each)))
    : 0;

it('counts the levels of any value, whatever its texts hold', () => {
  const odd = fc.string({ unit: fc.constantFrom('"', '\\', '[', '{', ']', '}', 'a') });
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      odd,
      fc.integer(),
      fc.array(tie('any')),
      fc.dictionary(odd, tie('any')),
    ),
  })).any;
  const property = fc.property(value, (given) => {
    const text = JSON.stringify(given);
    const levels = levelsOf(given);
    expect(isDeeperThan(text, levels)).toBe(false);
    if (levels > 0) expect(isDeeperThan(text, levels - 1)).toBe(true);
  });
  fc.assert(property);
});

it('ends on a text that does not', () => {
  expect(isDeeperThan('{"a', 1)).toBe(false);
  expect(isDeeperThan('['.repeat(1_000_000), 34)).toBe(true);
});

describe('the parts of a text', () => {
  const repeated = (text: string, count: number): string =>
    Array.from({ length: count }, () => text).join(',');

  it.each([
    ['as many members as a ledger keeps', `{${repeated('"a":0', 320_000)}}`],
    ['as many items', `[${repeated('10', 990_000)}]`],
    ['commas and colons in a string', `"${repeated('":{[', 1_000_000).replaceAll('"', '')}"`],
    ['a long text', `"${'a'.repeat(5_000_000)}"`],
    ['quotes in a long text', `"${'\\"'.repeat(2_000_000)}"`],
  ])('are not too many: %s', (_, text) => expect(hasTooManyParts(text)).toBe(false));

  it.each([
    ['more members', `{${repeated('"a":0', 320_001)}}`],
    ['more items', `[${repeated('10', 1_000_001)}]`],
    ['arrays', '[]'.repeat(1_000_001)],
    ['objects', '{}'.repeat(1_000_001)],
    ['members behind a string', `["${'\\\\'.repeat(9)}",${repeated('"a":0', 320_001)}`],
  ])('are too many: %s', (_, text) => expect(hasTooManyParts(text)).toBe(true));
});

describe('the canonical text of a value', () => {
  const word = fc.string({
    unit: fc.constantFrom(
      '"',
      '\\',
      ':',
      '{',
      '}',
      ',',
      '1',
      '-',
      'a',
      'b',
      'u',
      'd',
      'é',
      '\n',
      '\u{1f600}',
      '\ud83d',
    ),
    maxLength: 4,
  });
  const value = fc.letrec<{ any: Json }>((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      word,
      fc.integer(),
      fc.double(),
      fc.constantFrom(null, true, false, 0, 1e21, 1e-7, 123456789012345680000),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(word, tie('any'), { maxKeys: 3 }),
    ),
  })).any;
  /** Undefined where the value has none, such as a lone surrogate. */
  const canonicalOf = (text: string): string | undefined => {
    try {
      return canonicalize(JSON.parse(text) as Json);
    } catch {
      return undefined;
    }
  };

  it('is told from others, whatever their spaces, escapes, numbers and order', () => {
    const damages = fc.array(
      fc.record({
        at: fc.nat(),
        by: fc.constantFrom(' ', '\t', '\\u0061', '0', '.0', 'e0', '-', '"a":1,', '\\/', ''),
      }),
      { maxLength: 2 },
    );
    let [canonical, others] = [0, 0];
    const property = fc.property(value, damages, fc.boolean(), (given, places, isSorted) => {
      const honest = JSON.stringify(given);
      let text = (isSorted ? canonicalOf(honest) : undefined) ?? honest;
      for (const { at, by } of places) {
        const place = at % (text.length + 1);
        const damaged = text.slice(0, place) + by + text.slice(place + (by === '' ? 1 : 0));
        if (damaged.isWellFormed() && isJson(damaged)) text = damaged; // it comes from UTF-8
      }
      const is = canonicalOf(text) === text;
      if (is) canonical++;
      else others++;
      // A text that seems to have a lone surrogate may be called none, and is then written anew.
      if (is && text.includes('\\ud')) return;
      expect(isCanonicalText(text)).toBe(is);
    });
    fc.assert(property, { numRuns: 3000 });
    expect(Math.min(canonical, others)).toBeGreaterThan(300);
  });

  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };

  it.each([
    ['{"a":{"z":1},"b":[{"y":1},{"x":1}]}', true],
    ['{"10":1,"9":1}', true],
    ['{"9":1,"10":1}', false],
    ['{"a":{"z":1,"y":1}}', false],
    ['{"b":{"a":1},"a":1}', false],
    ['{"a":1,"a":1}', false],
    ['{"a\\n":1,"a\\u0001":1}', false],
    ['{"a\\u0001":1,"a\\n":1}', true],
    ['{"__proto__":1}', true],
    ['["\\u000a"]', false],
    ['["\\ud83d"]', false],
    ['[1.0]', false],
    ['[-0]', false],
    ['[1e400]', false],
    ['[1e+21,-1.5e-7,0,-1]', true],
    ['[1, 2]', false],
    ['[1]\n', false],
  ])('is told: %s', (text, is) => expect(isCanonicalText(text)).toBe(is));
});

it.each([
  ['50,000 items', `[${'0,'.repeat(49_998)}0]`, false],
  ['more items', `[${'0,'.repeat(50_000)}0]`, true],
  ['more members', `{${'"a":0,'.repeat(50_000)}"a":0}`, true],
  ['a long text', `["${'a'.repeat(1_000_000)}"]`, false],
])('tells what is not written anew: %s', (_, text, is) => expect(isTooMuchToRewrite(text)).toBe(is));
