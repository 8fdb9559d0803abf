import { type Hash, HASH_BYTES, isSameHash, type NodeHash } from './hash';
import { type LeafRange, splitPoint } from './subtree';

/** RFC 6962 §2.1.1: the leaves whose tree hashes make up the inclusion proof of a leaf, counted from 0, in order. */
export function inclusionRanges(index: number, size: number): LeafRange[] {
  const ranges: LeafRange[] = [];
  let [begin, end] = [0, size];
  while (end - begin > 1) {
    const middle = begin + splitPoint(end - begin);
    if (index < middle) {
      ranges.unshift({ begin: middle, end });
      end = middle;
    } else {
      ranges.unshift({ begin, end: middle });
      begin = middle;
    }
  }
  return ranges;
}

/**
 * RFC 6962 §2.1.2: the leaves whose tree hashes make up the consistency proof between two sizes, in order. None when
 * there is nothing to prove: from the empty tree, or to one that is not larger (`verifyConsistency` knows which).
 */
export function consistencyRanges(from: number, to: number): LeafRange[] {
  if (from === 0 || from >= to) return [];
  const ranges: LeafRange[] = [];
  let [begin, end, known] = [0, to, true];
  while (from !== end) {
    const middle = begin + splitPoint(end - begin);
    if (from <= middle) {
      ranges.unshift({ begin: middle, end });
      end = middle;
    } else {
      ranges.unshift({ begin, end: middle });
      begin = middle;
      known = false;
    }
  }
  return known ? ranges : [{ begin, end }, ...ranges];
}

/** A claim that a leaf is in a tree. `index` counts from 0. */
export interface Inclusion {
  index: number;
  size: number;
  leaf: Hash;
  root: Hash;
  proof: readonly Hash[];
}

/** RFC 9162 §2.1.3.2. Any other size whose tree has a path of the same turns would do: trust size and root together. */
export function verifyInclusion({ index, size, leaf, root, proof }: Inclusion, node: NodeHash): boolean {
  if (!areCounts(index, size) || index >= size || !areHashes([leaf, ...proof])) return false;
  let [at, last, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = node(sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      hash = node(hash, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && isSameHash(hash, root);
}

/** A claim that the tree of `size` leaves begins with that of the first `oldSize`. */
export interface Consistency {
  oldSize: number;
  size: number;
  oldRoot: Hash;
  root: Hash;
  proof: readonly Hash[];
}

/** RFC 9162 §2.1.4.2. The empty tree is the beginning of any. */
export function verifyConsistency(claim: Consistency, node: NodeHash): boolean {
  const { oldSize, size, oldRoot, root, proof } = claim;
  if (!areCounts(oldSize, size) || oldSize > size || !areHashes([oldRoot, root, ...proof])) return false;
  if (oldSize === size) return proof.length === 0 && isSameHash(oldRoot, root);
  if (oldSize === 0) return proof.length === 0;
  const [first, ...rest] = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof;
  if (!first) return false;
  let [at, last] = [oldSize - 1, size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  let [older, newer] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      older = node(sibling, older);
      newer = node(sibling, newer);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      newer = node(newer, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && isSameHash(older, oldRoot) && isSameHash(newer, root);
}

/** Negative numbers and fractions would take some leaf's path. */
function areCounts(...numbers: number[]): boolean {
  return numbers.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** Bytes beyond a hash's 32 would be hashed for nothing, and be anybody's choice. */
function areHashes(hashes: readonly Hash[]): boolean {
  return hashes.every(({ length }) => length === HASH_BYTES);
}

/** Not a logarithm: `Math.log2(2 ** 49 - 1)` is 49. */
function isPowerOfTwo(n: number): boolean {
  return n === 1 || n === 2 * splitPoint(n);
}

/** Not a shift: that would cut numbers to 32 bits. */
function half(n: number): number {
  return Math.floor(n / 2);
}
