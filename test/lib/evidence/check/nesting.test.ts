import fc from 'fast-check';
import { isDeeperThan } from '../../../../lib/evidence/check/nesting';

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
