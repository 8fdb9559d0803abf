import type { Sha256Bytes } from '../crypto/ports';

/** 32 bytes of SHA-256. */
export type Hash = Uint8Array;

/** The hash of an inner node from those of its children. */
export type NodeHash = (left: Hash, right: Hash) => Hash;

/** Bytes of a hash. */
export const HASH_BYTES = 32;

/** RFC 6962 §2.1: the byte that tells an inner node from a leaf. */
const NODE_PREFIX = 0x01;

/** RFC 6962 §2.1: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(sha256: Sha256Bytes): NodeHash {
  const input = new Uint8Array(1 + 2 * HASH_BYTES);
  input[0] = NODE_PREFIX;
  return (left, right) => {
    input.set(left, 1);
    input.set(right, 1 + HASH_BYTES);
    return sha256(input);
  };
}

/** Whether two hashes are the same. Hashes are no secrets: it need not take the same time for all. */
export function isSameHash(a: Hash, b: Hash): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
