import * as fc from 'fast-check';
import { splitPoint, type Subtree, splitIntoSubtrees } from '../../../lib/tree/subtree';

const beginOf = ({ level, index }: Subtree) => index * 2 ** level;
const endOf = ({ level, index }: Subtree) => (index + 1) * 2 ** level;

const small = fc.nat(600);
const large = fc.oneof(
  fc.maxSafeNat(),
  fc.nat(53).map((level) => Math.min(2 ** level, Number.MAX_SAFE_INTEGER)),
);
const ranges = fc
  .oneof(fc.tuple(small, small), fc.tuple(large, large))
  .map(([a, b]) => ({ begin: Math.min(a, b), end: Math.max(a, b) }));

describe('subtreesOf', () => {
  it.each<[number, number, Subtree[]]>([
    [0, 0, []],
    [5, 5, []],
    [0, 1, [{ level: 0, index: 0 }]],
    [0, 8, [{ level: 3, index: 0 }]],
    [
      0,
      7,
      [
        { level: 2, index: 0 },
        { level: 1, index: 2 },
        { level: 0, index: 6 },
      ],
    ],
    [
      1,
      8,
      [
        { level: 0, index: 1 },
        { level: 1, index: 1 },
        { level: 2, index: 1 },
      ],
    ],
    [
      3,
      5,
      [
        { level: 0, index: 3 },
        { level: 0, index: 4 },
      ],
    ],
  ])('gives those of the leaves from %d up to %d', (begin, end, subtrees) => {
    expect(splitIntoSubtrees({ begin, end })).toEqual(subtrees);
  });

  it('tiles any run of leaves', () => {
    fc.assert(
      fc.property(ranges, ({ begin, end }) => {
        let at = begin;
        for (const subtree of splitIntoSubtrees({ begin, end })) {
          expect(Number.isInteger(subtree.index)).toBe(true);
          expect(beginOf(subtree)).toBe(at);
          at = endOf(subtree);
        }
        expect(at).toBe(end);
      }),
    );
  });

  it('gives the largest: no parent of one is within the run', () => {
    fc.assert(
      fc.property(ranges, ({ begin, end }) => {
        for (const { level, index } of splitIntoSubtrees({ begin, end })) {
          const parent = { level: level + 1, index: Math.floor(index / 2) };
          expect(beginOf(parent) >= begin && endOf(parent) <= end).toBe(false);
        }
      }),
    );
  });

  describe('when the run is longer than 2^32', () => {
    it('does not wrap', () => {
      expect(splitIntoSubtrees({ begin: 2 ** 32 - 1, end: 2 ** 40 + 1 })).toEqual([
        { level: 0, index: 2 ** 32 - 1 },
        ...[32, 33, 34, 35, 36, 37, 38, 39].map((level) => ({ level, index: 1 })),
        { level: 0, index: 2 ** 40 },
      ]);
    });

    it('goes up to the largest safe integer', () => {
      const subtrees = splitIntoSubtrees({ begin: 0, end: Number.MAX_SAFE_INTEGER });
      expect(subtrees.map(({ level }) => level)).toEqual(Array.from({ length: 53 }, (_, i) => 52 - i));
    });
  });
});

describe('splitOf', () => {
  it.each([
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 4],
    [8, 4],
    [9, 8],
    [2 ** 32, 2 ** 31],
    [2 ** 32 + 1, 2 ** 32],
    [Number.MAX_SAFE_INTEGER, 2 ** 52],
  ])('splits %d leaves after %d', (size, k) => {
    expect(splitPoint(size)).toBe(k);
  });

  it('gives the largest power of two below', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer({ min: 2, max: 5000 }),
          fc.maxSafeNat().map((n) => n + 2),
        ),
        (n) => {
          const k = splitPoint(n);
          expect(k.toString(2)).toMatch(/^10*$/);
          expect(k < n && 2 * k >= n).toBe(true);
        },
      ),
    );
  });
});
