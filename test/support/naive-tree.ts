import { createHash } from 'node:crypto';

/** The hash of a run of leaves, counted from 0. */
export type RangeHash = (begin: number, end: number) => Uint8Array;

/** A side of each step from a node up to the root: where its sibling stands. */
export type Turns = string;

const sha256 = (...parts: Uint8Array[]): Uint8Array =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

/** RFC 6962 §2.1: the hash of a leaf of these bytes. */
export const leafOf = (bytes: Uint8Array): Uint8Array => sha256(Uint8Array.of(0), bytes);

/** RFC 6962 §2.1: the hash of an inner node. */
export const nodeOf = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  sha256(Uint8Array.of(1), left, right);

/** RFC 6962 §2.1: `k`, by the number of binary digits. */
const splitAt = (n: number): number => 2 ** ((n - 1).toString(2).length - 1);

/** Merkle tree hashes as RFC 6962 §2.1 writes them; each is computed once. */
export function treeOf(leaves: readonly Uint8Array[]): RangeHash {
  const known = new Map<string, Uint8Array>();
  const hash: RangeHash = (begin, end) => {
    if (end - begin === 1) return leaves[begin]!;
    const key = `${begin}-${end}`;
    const k = begin + splitAt(end - begin);
    const value = known.get(key) ?? nodeOf(hash(begin, k), hash(k, end));
    known.set(key, value);
    return value;
  };
  return hash;
}

/** A tree of any size in which all leaves are the same but one: as large as one likes, and cheap. */
export function sparseTreeOf(special: number, leaf: Uint8Array, others: Uint8Array): RangeHash {
  const known = new Map<number, Uint8Array>([[1, others]]);
  const uniform = (n: number): Uint8Array => {
    const k = splitAt(n);
    const value = known.get(n) ?? nodeOf(uniform(k), uniform(n - k));
    known.set(n, value);
    return value;
  };
  const hash: RangeHash = (begin, end) => {
    if (special < begin || special >= end) return uniform(end - begin);
    if (end - begin === 1) return leaf;
    const k = begin + splitAt(end - begin);
    return nodeOf(hash(begin, k), hash(k, end));
  };
  return hash;
}

/** RFC 6962 §2.1.1: PATH(index, D[begin:end]). */
export function pathOf(hash: RangeHash, index: number, begin: number, end: number): Uint8Array[] {
  if (end - begin === 1) return [];
  const k = begin + splitAt(end - begin);
  return index < k
    ? [...pathOf(hash, index, begin, k), hash(k, end)]
    : [...pathOf(hash, index, k, end), hash(begin, k)];
}

/** RFC 6962 §2.1.2: PROOF(from, D[to]). */
export function proofOf(hash: RangeHash, from: number, to: number): Uint8Array[] {
  return subproofOf(hash, from, { begin: 0, end: to }, true);
}

function subproofOf(
  hash: RangeHash,
  from: number,
  { begin, end }: { begin: number; end: number },
  known: boolean,
): Uint8Array[] {
  if (from === end) return known ? [] : [hash(begin, end)];
  const k = begin + splitAt(end - begin);
  return from <= k
    ? [...subproofOf(hash, from, { begin, end: k }, known), hash(k, end)]
    : [...subproofOf(hash, from, { begin: k, end }, false), hash(begin, k)];
}

/** The way from a leaf up to the root: where the siblings stand. It is all that a proof can tell of index and size. */
export function turnsOf(index: number, size: number): Turns {
  if (size === 1) return '';
  const k = splitAt(size);
  return index < k ? `${turnsOf(index, k)}R` : `${turnsOf(index - k, size - k)}L`;
}

/** The same of a consistency proof; it begins with where its first hash is from. */
export function proofTurnsOf(from: number, to: number, known = true): Turns {
  if (from === to) return known ? '=' : '?';
  const k = splitAt(to);
  return from <= k ? `${proofTurnsOf(from, k, known)}R` : `${proofTurnsOf(from - k, to - k, false)}L`;
}
