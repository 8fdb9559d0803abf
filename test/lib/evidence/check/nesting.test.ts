import fc from 'fast-check';
import { hasTooManyParts, isDeeperThan } from '../../../../lib/evidence/check/nesting';

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
