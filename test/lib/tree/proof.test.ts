import * as fc from 'fast-check';
import { nodeHash } from '../../../lib/tree/hash';
import { decodeHex, encodeHex } from '../../../lib/util/hex';
import {
  type Consistency,
  consistencyRanges,
  type Inclusion,
  inclusionRanges,
  verifyConsistency,
  verifyInclusion,
} from '../../../lib/tree/proof';
import {
  leafOf,
  pathOf,
  proofOf,
  proofTurnsOf,
  sparseTreeOf,
  treeOf,
  turnsOf,
} from '../../support/naive-tree';
import {
  REFERENCE_CONSISTENCIES,
  REFERENCE_INCLUSIONS,
  REFERENCE_LEAVES,
  REFERENCE_ROOTS,
} from '../../support/reference-tree';
import { sized } from '../../support/sized';
import { flipped, resized, spoiled } from '../../support/spoiled-proofs';
import chain from '../../vectors/chain.json';
import vectors from '../../vectors/merkle.json';
import { sha256Bytes } from '../../../lib/crypto/node';

const node = nodeHash(sha256Bytes);
const leaves = Array.from({ length: 5000 }, (_, i) => leafOf(Buffer.from(`leaf ${i}`)));
const tree = treeOf(leaves);
const referenceTree = treeOf(REFERENCE_LEAVES.map((hex) => leafOf(decodeHex(hex))));
const chainTree = treeOf(chain.entries.map(({ hash }) => decodeHex(hash)));

const includes = (claim: Inclusion) => verifyInclusion(claim, node);
const isConsistent = (claim: Consistency) => verifyConsistency(claim, node);

/** The proofs as the ranges name them, hashed by a tree. */
const inclusionOf = (index: number, size: number, hash = tree): Inclusion => ({
  index,
  size,
  leaf: hash(index, index + 1),
  root: hash(0, size),
  proof: inclusionRanges(index, size).map(({ begin, end }) => hash(begin, end)),
});
const consistencyOf = (oldSize: number, size: number, hash = tree): Consistency => ({
  oldSize,
  size,
  oldRoot: hash(0, oldSize),
  root: hash(0, size),
  proof: consistencyRanges(oldSize, size).map(({ begin, end }) => hash(begin, end)),
});

/** Two whole numbers, the first smaller; some trees are small, for their corners. */
const pairs = fc
  .oneof(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 2, max: 5000 }))
  .chain((size) => fc.tuple(fc.nat(size - 1), fc.constant(size)));

const bits = fc.nat(255);

describe('inclusion proofs', () => {
  it.each(vectors.inclusion)(
    'are those of the vectors for leaf $index of $size',
    ({ size, index, proof }) => {
      const claim = inclusionOf(index, size, chainTree);
      expect(claim.proof.map(encodeHex)).toEqual(proof);
      expect(encodeHex(claim.root)).toBe(vectors.roots.find((each) => each.size === size)?.root);
      expect(includes(claim)).toBe(true);
    },
  );

  it.each(REFERENCE_INCLUSIONS)(
    'are the published ones of the reference tree for leaf %d of %d',
    (index, size, published) => {
      const leaf = leafOf(decodeHex(REFERENCE_LEAVES[index]!));
      const root = decodeHex(REFERENCE_ROOTS[size]!);
      expect(inclusionOf(index, size, referenceTree).proof.map(encodeHex)).toEqual(published);
      expect(includes({ index, size, leaf, root, proof: published.map(decodeHex) })).toBe(true);
    },
  );

  it('are those of RFC 6962 and verify, for every leaf of every tree of up to 200', () => {
    const wrong: string[] = [];
    for (let size = 1; size <= 200; size++)
      for (let index = 0; index < size; index++) {
        const claim = inclusionOf(index, size);
        const path = pathOf(tree, index, 0, size);
        const isPath = claim.proof.length === path.length && path.every((hash, i) => hash === claim.proof[i]);
        if (!isPath || !includes(claim)) wrong.push(`${index} of ${size}`);
      }
    expect(wrong).toEqual([]);
  });

  it('verify for trees of up to 5,000', () => {
    fc.assert(
      fc.property(pairs, ([index, size]) => {
        expect(inclusionOf(index, size).proof).toEqual(pathOf(tree, index, 0, size));
        expect(includes(inclusionOf(index, size))).toBe(true);
      }),
    );
  });

  describe('when the claim is about something else', () => {
    it('fail for every other index', () => {
      const wrong: string[] = [];
      for (let size = 1; size <= 40; size++)
        for (let index = 0; index < size; index++) {
          const claim = inclusionOf(index, size);
          for (let other = 0; other <= size; other++)
            if (includes({ ...claim, index: other }) !== (other === index))
              wrong.push(`${index} as ${other} of ${size}`);
        }
      expect(wrong).toEqual([]);
    });

    it('fail for other sizes, but those where the way from the leaf to the root has the same turns', () => {
      fc.assert(
        fc.property(pairs, fc.nat(6000), ([index, size], other) => {
          const isSameWay = other > index && turnsOf(index, other) === turnsOf(index, size);
          expect(includes({ ...inclusionOf(index, size), size: other })).toBe(isSameWay);
        }),
        { numRuns: 500 },
      );
    });

    it('fail for another leaf and another root', () => {
      fc.assert(
        fc.property(pairs, bits, ([index, size], bit) => {
          const claim = inclusionOf(index, size);
          expect(includes({ ...claim, leaf: flipped(claim.leaf, bit) })).toBe(false);
          expect(includes({ ...claim, root: flipped(claim.root, bit) })).toBe(false);
          expect(includes({ ...claim, leaf: leaves[(index + 1) % 5000]! })).toBe(false);
          expect(includes({ ...claim, root: tree(0, size - 1) })).toBe(false);
        }),
      );
    });
  });

  describe('when the proof was tampered with', () => {
    it('fail with a bit flipped, a hash dropped, doubled or added, or two swapped', () => {
      fc.assert(
        fc.property(pairs, bits, ([index, size], bit) => {
          const claim = inclusionOf(index, size);
          expect(spoiled(claim.proof, bit).filter((proof) => includes({ ...claim, proof }))).toEqual([]);
        }),
      );
    });

    it('fail with any bit flipped', () => {
      const claim = inclusionOf(5, 7);
      const bitsOfProof = Array.from({ length: 256 * claim.proof.length }, (_, i) => i);
      const accepted = bitsOfProof.filter((i) => {
        const at = Math.floor(i / 256);
        return includes({ ...claim, proof: claim.proof.with(at, flipped(claim.proof[at]!, i % 256)) });
      });
      expect(accepted).toEqual([]);
    });

    it.each([0, 31, 33, 64, 99])('fail with hashes of %d bytes, and do not throw', (length) => {
      const claim = inclusionOf(5, 7);
      const other = resized(claim.leaf, length);
      const proofs = claim.proof.map((hash, i) => claim.proof.with(i, resized(hash, length)));
      expect(proofs.filter((proof) => includes({ ...claim, proof }))).toEqual([]);
      expect(includes({ ...claim, leaf: other })).toBe(false);
      expect(includes({ ...claim, root: resized(claim.root, length) })).toBe(false);
      expect(includes({ index: 0, size: 1, leaf: other, root: other, proof: [] })).toBe(false);
    });

    it('fail with a hundred thousand hashes', () => {
      const proof = Array.from({ length: 100_000 }, () => leaves[0]!);
      expect(includes({ ...inclusionOf(5, 7), proof })).toBe(false);
    });
  });

  describe('when index or size is no count', () => {
    it.each([-1, -2, 0.5, NaN, -Infinity, Infinity, 2 ** 53])('fail for the index %d', (index) => {
      expect(includes({ ...inclusionOf(0, 2), index })).toBe(false);
      expect(includes({ ...inclusionOf(0, 7), index })).toBe(false);
    });

    it.each([-1, 0, 0.5, 1.5, 2.5, NaN, Infinity, 2 ** 53])('fail for the size %d', (size) => {
      for (const real of [1, 2, 3]) expect(includes({ ...inclusionOf(0, real), size })).toBe(false);
    });
  });

  describe('when the tree has more than 2^32 leaves', () => {
    const sizes = fc.oneof(
      fc.integer({ min: 2 ** 32 + 1, max: Number.MAX_SAFE_INTEGER }),
      fc.constantFrom(2 ** 32 + 1, 2 ** 33, 2 ** 49 - 1, 2 ** 52 + 1, Number.MAX_SAFE_INTEGER),
    );
    const claims = sizes.chain((size) =>
      fc.tuple(fc.integer({ min: 2 ** 32, max: size - 1 }), fc.constant(size)),
    );

    it('verify, and do not wrap', () => {
      fc.assert(
        fc.property(claims, ([index, size]) => {
          const claim = inclusionOf(index, size, sparseTreeOf(index, leaves[0]!, leaves[1]!));
          expect(includes(claim)).toBe(true);
          expect(includes({ ...claim, index: index - 2 ** 32 })).toBe(false);
          expect(includes({ ...claim, index: index % 2 ** 32 })).toBe(false);
          expect(includes({ ...claim, index: index - 1 })).toBe(false);
          expect(includes({ ...claim, proof: claim.proof.slice(0, -1) })).toBe(false);
        }),
      );
    });
  });
});

describe('consistency proofs', () => {
  it.each(vectors.consistency)('are those of the vectors from $from to $to', ({ from, to, proof }) => {
    const claim = consistencyOf(from, to, chainTree);
    expect(claim.proof.map(encodeHex)).toEqual(proof);
    expect(isConsistent(claim)).toBe(true);
  });

  it.each(REFERENCE_CONSISTENCIES)(
    'are the published ones of the reference tree from %d to %d',
    (oldSize, size, published) => {
      const oldRoot = decodeHex(REFERENCE_ROOTS[oldSize]!);
      const root = decodeHex(REFERENCE_ROOTS[size]!);
      expect(consistencyOf(oldSize, size, referenceTree).proof.map(encodeHex)).toEqual(published);
      expect(isConsistent({ oldSize, size, oldRoot, root, proof: published.map(decodeHex) })).toBe(true);
    },
  );

  it('are those of RFC 6962 and verify, for all sizes of up to 200', () => {
    const wrong: string[] = [];
    for (let size = 1; size <= 200; size++)
      for (let oldSize = 1; oldSize <= size; oldSize++) {
        const claim = consistencyOf(oldSize, size);
        const proof = proofOf(tree, oldSize, size);
        const isProof =
          claim.proof.length === proof.length && proof.every((hash, i) => hash === claim.proof[i]);
        if (!isProof || !isConsistent(claim)) wrong.push(`${oldSize} to ${size}`);
      }
    expect(wrong).toEqual([]);
  });

  it('verify for trees of up to 5,000', () => {
    fc.assert(
      fc.property(pairs, ([before, size]) => {
        const claim = consistencyOf(before + 1, size);
        expect(claim.proof).toEqual(proofOf(tree, before + 1, size));
        expect(isConsistent(claim)).toBe(true);
      }),
    );
  });

  /** Old and new sizes that differ, so that there is something to prove. */
  const growths = pairs.filter(([before, size]) => before > 0 && before < size);

  describe('when the claim is about something else', () => {
    it('fail for every other old size', () => {
      const wrong: string[] = [];
      for (let size = 2; size <= 40; size++)
        for (let oldSize = 1; oldSize < size; oldSize++) {
          const claim = consistencyOf(oldSize, size);
          for (let other = 0; other <= size + 1; other++)
            if (isConsistent({ ...claim, oldSize: other }) !== (other === oldSize))
              wrong.push(`${oldSize} as ${other} to ${size}`);
        }
      expect(wrong).toEqual([]);
    });

    it('fail for other sizes, but those where the way to the root has the same turns', () => {
      fc.assert(
        fc.property(growths, fc.nat(6000), ([oldSize, size], other) => {
          const isSameWay = other > oldSize && proofTurnsOf(oldSize, other) === proofTurnsOf(oldSize, size);
          expect(isConsistent({ ...consistencyOf(oldSize, size), size: other })).toBe(isSameWay);
        }),
        { numRuns: 500 },
      );
    });

    it('fail for other roots', () => {
      fc.assert(
        fc.property(growths, bits, ([oldSize, size], bit) => {
          const claim = consistencyOf(oldSize, size);
          expect(isConsistent({ ...claim, oldRoot: flipped(claim.oldRoot, bit) })).toBe(false);
          expect(isConsistent({ ...claim, root: flipped(claim.root, bit) })).toBe(false);
          expect(isConsistent({ ...claim, oldRoot: claim.root, root: claim.oldRoot })).toBe(false);
        }),
      );
    });

    it('fail when a leaf was rewritten, wherever it was', () => {
      fc.assert(
        fc.property(growths, fc.nat(), ([oldSize, size], at) => {
          const rewritten = treeOf(
            leaves.slice(0, size).with(at % oldSize, leafOf(Buffer.from('rewritten'))),
          );
          const oldRoot = tree(0, oldSize);
          expect(isConsistent({ ...consistencyOf(oldSize, size, rewritten), oldRoot })).toBe(false);
        }),
        { numRuns: sized(25, 100) },
      );
    });
  });

  describe('when the proof was tampered with', () => {
    it('fail with a bit flipped, a hash dropped, doubled or added, or two swapped', () => {
      fc.assert(
        fc.property(growths, bits, ([oldSize, size], bit) => {
          const claim = consistencyOf(oldSize, size);
          expect(spoiled(claim.proof, bit).filter((proof) => isConsistent({ ...claim, proof }))).toEqual([]);
          expect(isConsistent({ ...claim, proof: [] })).toBe(false);
        }),
      );
    });

    it.each([0, 31, 33, 64, 99])('fail with hashes of %d bytes, and do not throw', (length) => {
      const claim = consistencyOf(5, 7);
      const other = resized(claim.oldRoot, length);
      const proofs = claim.proof.map((hash, i) => claim.proof.with(i, resized(hash, length)));
      expect(proofs.filter((proof) => isConsistent({ ...claim, proof }))).toEqual([]);
      expect(isConsistent({ ...claim, oldRoot: other })).toBe(false);
      expect(isConsistent({ oldSize: 7, size: 7, oldRoot: other, root: other, proof: [] })).toBe(false);
    });
  });

  describe('when the sizes are equal', () => {
    it('need equal roots and no hashes', () => {
      const claim = consistencyOf(7, 7);
      expect(claim.proof).toEqual([]);
      expect(isConsistent(claim)).toBe(true);
      expect(isConsistent({ ...claim, oldRoot: tree(0, 6) })).toBe(false);
      expect(isConsistent({ ...claim, proof: [leaves[0]!] })).toBe(false);
    });
  });

  describe('when the old tree is empty', () => {
    const empty = decodeHex(REFERENCE_ROOTS[0]!);

    it('need no hashes', () => {
      const claim = { oldSize: 0, size: 7, oldRoot: empty, root: tree(0, 7), proof: [] };
      expect(consistencyRanges(0, 7)).toEqual([]);
      expect(isConsistent(claim)).toBe(true);
      expect(isConsistent({ ...claim, proof: [leaves[0]!] })).toBe(false);
    });
  });

  describe('when the tree has shrunk', () => {
    it.each([
      [7, 3],
      [2, 1],
      [1, 0],
      [8, 4],
    ])('there is none from %d to %d', (oldSize, size) => {
      expect(consistencyRanges(oldSize, size)).toEqual([]);
      const claim = { oldSize, size, oldRoot: tree(0, oldSize), root: tree(0, Math.max(size, 1)), proof: [] };
      expect(isConsistent(claim)).toBe(false);
    });
  });

  describe('when a size is no count', () => {
    it.each([-1, 0.5, 2.5, NaN, Infinity, -Infinity, 2 ** 53])('fail for %d', (size) => {
      expect(isConsistent({ ...consistencyOf(3, 7), size })).toBe(false);
      for (const oldSize of [1, 2, 3])
        expect(isConsistent({ ...consistencyOf(oldSize, 7), oldSize: size })).toBe(false);
      expect(isConsistent({ ...consistencyOf(3, 3), oldSize: size, size })).toBe(false);
    });
  });

  describe('when the trees have more than 2^32 leaves', () => {
    const sizes = fc.integer({ min: 2 ** 32 + 1, max: Number.MAX_SAFE_INTEGER });
    const nearPowers = fc
      .tuple(fc.integer({ min: 33, max: 52 }), fc.constantFrom(-1, 0, 1))
      .map(([level, off]) => 2 ** level + off);
    const growth = fc
      .tuple(fc.oneof(sizes, nearPowers), fc.oneof(sizes, nearPowers))
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => ({ oldSize: Math.min(a, b), size: Math.max(a, b) }));

    it('verify, and do not wrap', () => {
      fc.assert(
        fc.property(growth, ({ oldSize, size }) => {
          const huge = sparseTreeOf(oldSize - 1, leaves[0]!, leaves[1]!);
          const claim = consistencyOf(oldSize, size, huge);
          expect(claim.proof).toEqual(proofOf(huge, oldSize, size));
          expect(isConsistent(claim)).toBe(true);
          expect(isConsistent({ ...claim, oldSize: oldSize - 2 ** 32 })).toBe(false);
          expect(isConsistent({ ...claim, oldSize: oldSize - 1 })).toBe(false);
          expect(isConsistent({ ...claim, proof: claim.proof.slice(0, -1) })).toBe(false);
        }),
      );
    });

    it.each([47, 48, 49, 50, 51, 52])('tell 2^%d - 1 from a power of two', (level) => {
      const huge = sparseTreeOf(2 ** level - 2, leaves[0]!, leaves[1]!);
      expect(isConsistent(consistencyOf(2 ** level - 1, 2 ** level + 3, huge))).toBe(true);
    });
  });
});
