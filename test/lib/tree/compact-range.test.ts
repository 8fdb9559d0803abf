import * as fc from 'fast-check';
import { CompactRange } from '../../../lib/tree/compact-range';
import { type Hash, nodeHash } from '../../../lib/tree/hash';
import { decodeHex, encodeHex } from '../../../lib/util/hex';
import { splitIntoSubtrees } from '../../../lib/tree/subtree';
import { leafOf, nodeOf, sparseTreeOf, treeOf } from '../../support/naive-tree';
import { REFERENCE_LEAVES, REFERENCE_ROOTS } from '../../support/reference-tree';
import chain from '../../vectors/chain.json';
import vectors from '../../vectors/merkle.json';
import { sha256Bytes } from '../../../lib/crypto/node';

const node = nodeHash(sha256Bytes);
const leaves = Array.from({ length: 5000 }, (_, i) => leafOf(Buffer.from(`leaf ${i}`)));
const tree = treeOf(leaves);

const rangeOf = (hashes: readonly Hash[]) => {
  const range = new CompactRange(node);
  for (const hash of hashes) range.append(hash);
  return range;
};
const hexOfRoot = (range: CompactRange) => {
  const root = range.root();
  return root && encodeHex(root);
};

describe('a compact range', () => {
  it.each(vectors.roots)('has the root of the first $size entries of the vectors', ({ size, root }) => {
    const hashes = chain.entries.slice(0, size).map(({ hash }) => decodeHex(hash));
    expect(hexOfRoot(rangeOf(hashes))).toBe(root);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('has the root of the first %d leaves of the reference tree', (size) => {
    const hashes = REFERENCE_LEAVES.slice(0, size).map((hex) => leafOf(decodeHex(hex)));
    expect(hexOfRoot(rangeOf(hashes))).toBe(REFERENCE_ROOTS[size]);
  });

  it('has the root of RFC 6962 after every leaf', () => {
    const range = new CompactRange(node);
    const wrong = leaves.slice(0, 600).filter((leaf, i) => {
      range.append(leaf);
      return range.size !== i + 1 || hexOfRoot(range) !== encodeHex(tree(0, i + 1));
    });
    expect(wrong).toEqual([]);
  });

  describe('when it is empty', () => {
    it('has no root: the empty tree is hashed from no bytes', () => {
      expect(new CompactRange(node)).toMatchObject({ size: 0, hashes: [] });
      expect(new CompactRange(node).root()).toBeNull();
      expect(encodeHex(sha256Bytes(new Uint8Array()))).toBe(REFERENCE_ROOTS[0]);
      expect(vectors.empty).toBe(REFERENCE_ROOTS[0]);
    });
  });

  describe('when leaves and full subtrees are mixed', () => {
    /** How many levels below the largest that fits each step takes; 0 is the largest. */
    const steps = fc.array(fc.nat(13), { minLength: 1, maxLength: 60 });
    const sizes = fc.integer({ min: 1, max: 2000 });

    const mixed = (size: number, below: readonly number[]) => {
      const range = new CompactRange(node);
      for (let i = 0; range.size < size; i++) {
        let level = 0;
        while (range.fits(level + 1) && range.size + 2 ** (level + 1) <= size) level++;
        level = Math.max(0, level - below[i % below.length]!);
        range.append(tree(range.size, range.size + 2 ** level), level);
      }
      return range;
    };

    it('has the same root', () => {
      fc.assert(
        fc.property(sizes, steps, (size, below) => {
          const range = mixed(size, below);
          expect(range.size).toBe(size);
          expect(hexOfRoot(range)).toBe(encodeHex(tree(0, size)));
        }),
      );
    });

    it('holds the roots of the largest full subtrees', () => {
      fc.assert(
        fc.property(sizes, steps, (size, below) => {
          const largest = splitIntoSubtrees({ begin: 0, end: size }).map(({ level, index }) =>
            encodeHex(tree(index * 2 ** level, (index + 1) * 2 ** level)),
          );
          expect(mixed(size, below).hashes.map(encodeHex)).toEqual(largest);
        }),
      );
    });
  });

  it.each([
    [0, [0, 1, 2, 40]],
    [1, [0]],
    [2, [0, 1]],
    [12, [0, 1, 2]],
  ])('at %d leaves lets in subtrees that begin at a multiple of their size', (size, levels) => {
    const range = rangeOf(leaves.slice(0, size));
    expect([0, 1, 2, 3, 40].filter((level) => range.fits(level))).toEqual(
      size === 0 ? [0, 1, 2, 3, 40] : levels,
    );
  });

  it('does not change when what was appended is read', () => {
    const range = rangeOf(leaves.slice(0, 7));
    range.hashes.pop();
    expect(range.root()).toEqual(range.root());
    expect(hexOfRoot(range)).toBe(encodeHex(tree(0, 7)));
  });
});

describe('CompactRange.of', () => {
  it('goes on where a range of that size and those hashes was', () => {
    fc.assert(
      fc.property(fc.nat(1500), fc.nat(1500), (size, more) => {
        const { hashes } = rangeOf(leaves.slice(0, size));
        const resumed = CompactRange.from(size, hashes, node)!;
        for (const leaf of leaves.slice(size, size + more)) resumed.append(leaf);
        expect(resumed.size).toBe(size + more);
        expect(hexOfRoot(resumed)).toBe(size + more === 0 ? null : encodeHex(tree(0, size + more)));
      }),
      { numRuns: 30 },
    );
  });

  it('gives null when there are more or fewer hashes than the size has', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(14), (size, count) => {
        const fitting = splitIntoSubtrees({ begin: 0, end: size }).length === count;
        expect(CompactRange.from(size, leaves.slice(0, count), node) !== null).toBe(fitting);
      }),
    );
  });

  it.each([-1, 0.5, 1.5, NaN, Infinity, -Infinity, 2 ** 53, 2 ** 1000])(
    'gives null for a tree of %d',
    (size) => {
      for (const count of [0, 1, 2]) expect(CompactRange.from(size, leaves.slice(0, count), node)).toBeNull();
    },
  );
});

describe('when there are more than 2^32 leaves', () => {
  const [special, others] = [leaves[0]!, leaves[1]!];

  it.each([2 ** 32, 2 ** 32 + 1, 2 ** 33 + 2 ** 31 + 5, 2 ** 52 + 1, Number.MAX_SAFE_INTEGER])(
    'the root of %d does not wrap',
    (size) => {
      const huge = sparseTreeOf(size - 1, special, others);
      const range = new CompactRange(node);
      for (const { level, index } of splitIntoSubtrees({ begin: 0, end: size })) {
        expect(range.fits(level)).toBe(true);
        range.append(huge(index * 2 ** level, (index + 1) * 2 ** level), level);
      }
      expect(range.size).toBe(size);
      expect(hexOfRoot(range)).toBe(encodeHex(huge(0, size)));
      expect(hexOfRoot(CompactRange.from(size, range.hashes, node)!)).toBe(encodeHex(huge(0, size)));
    },
  );

  it('equal neighbours merge', () => {
    const range = new CompactRange(node);
    range.append(special, 40);
    expect(range.fits(40)).toBe(true);
    expect(range.fits(41)).toBe(false);
    range.append(others, 40);
    expect(range.size).toBe(2 ** 41);
    expect(hexOfRoot(range)).toBe(encodeHex(nodeOf(special, others)));
    range.append(others);
    expect(range.size).toBe(2 ** 41 + 1);
    expect(range.fits(1)).toBe(false);
    expect(hexOfRoot(range)).toBe(encodeHex(nodeOf(nodeOf(special, others), others)));
  });
});
