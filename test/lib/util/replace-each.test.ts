import fc from 'fast-check';
import { replaceEach } from '../../../lib/util/replace-each';

const WINDOW = 64 * 1024;

it.each([
  ['"', '""'],
  ['""', '"'],
  [';', '\\u003b'],
])('replaces %j as replaceAll does, in texts of any length', (from, to) => {
  const pieces = fc.array(fc.tuple(fc.constantFrom('"', '""', '"""', ';', 'a', 'é😀'), fc.nat(40_000)), {
    maxLength: 8,
  });
  const property = fc.property(pieces, (parts) => {
    const text = parts.map(([part, count]) => part.repeat(count)).join('');
    expect(replaceEach(text, from, to) === text.replaceAll(from, to)).toBe(true);
  });
  fc.assert(property, { numRuns: 50 });
});

it('parts no pair, wherever a window ends', () => {
  for (const before of [0, 1, 2, 3, WINDOW - 3, WINDOW - 2, WINDOW - 1, WINDOW])
    for (const quotes of [1, 2, 3, 4, 5, WINDOW, WINDOW + 1, 2 * WINDOW + 1]) {
      const text = `${'a'.repeat(before)}${'"'.repeat(quotes)}${'b'.repeat(WINDOW)}`;
      expect(replaceEach(text, '""', '"') === text.replaceAll('""', '"')).toBe(true);
    }
});
