import fc from 'fast-check';
import {
  hasTooManyParts,
  isDeeperThan,
  isSortedText,
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

describe('the order of members', () => {
  const isSorted = (value: unknown): boolean =>
    typeof value !== 'object' ||
    value === null ||
    (Object.values(value).every(isSorted) &&
      (Array.isArray(value) ||
        Object.keys(value).every((name, i, names) => i === 0 || name > names[i - 1]!)));

  it('is told by the text of any value, unless a name has an escape', () => {
    const name = fc.string({
      unit: fc.constantFrom('"', '\\', ':', '{', '}', '1', 'a', 'b', 'é', '\u{1f600}'),
      maxLength: 3,
    });
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        name,
        fc.integer(),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(name, tie('any'), { maxKeys: 3 }),
      ),
    })).any;
    const property = fc.property(value, (given) => {
      const told = isSortedText(JSON.stringify(given));
      if (told !== null) expect(told).toBe(isSorted(given));
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it.each([
    ['{"a":{"z":1},"b":[{"y":1},{"x":1}]}', true],
    ['{"a":{"z":1,"y":1}}', false],
    ['{"b":{"a":1},"a":1}', false],
    ['{"a\\n":1}', null],
  ])('is told: %s', (text, told) => expect(isSortedText(text)).toBe(told));
});

it.each([
  ['50,000 items', `[${'0,'.repeat(49_998)}0]`, false],
  ['more items', `[${'0,'.repeat(50_000)}0]`, true],
  ['more members', `{${'"a":0,'.repeat(50_000)}"a":0}`, true],
  ['a long text', `["${'a'.repeat(1_000_000)}"]`, false],
])('tells what is not written anew: %s', (_, text, is) => expect(isTooMuchToRewrite(text)).toBe(is));
