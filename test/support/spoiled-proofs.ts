import { HASH_BYTES, type Hash } from '../../lib/tree/hash';

const ADDED = new Uint8Array(HASH_BYTES).fill(7);

/** A hash with one bit changed. */
export const flipped = (hash: Hash, bit: number): Hash => {
  const bytes = Uint8Array.from(hash);
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  return bytes;
};

/** Every proof that differs in one bit of one hash (which bit changes from hash to hash), or in one hash. */
export const spoiled = (proof: readonly Hash[], bit: number): Hash[][] => [
  ...proof.map((hash, i) => proof.with(i, flipped(hash, (bit + 7 * i) % 256))),
  ...proof.map((_, i) => proof.toSpliced(i, 1)),
  ...[...proof, null].map((_, i) => proof.toSpliced(i, 0, proof[i] ?? ADDED)),
  ...proof.slice(1).map((hash, i) => proof.with(i, hash).with(i + 1, proof[i]!)),
];

/** A hash cut off, or with zeros behind it. */
export const resized = (hash: Hash, length: number): Hash =>
  Uint8Array.from({ length }, (_, i) => hash[i] ?? 0);
