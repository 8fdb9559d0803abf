import { encodeHex } from '../util/hex';

const POINT_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** The prime 2^255 - 19, little-endian: all but its first byte. */
const PRIME_REST = `${'ff'.repeat(30)}7f`;

/** y of the points whose order is 1, 2, 4 or 8, little-endian. */
const SMALL_ORDER = new Set([
  `01${'00'.repeat(31)}`,
  `ec${PRIME_REST}`,
  '00'.repeat(32),
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

/** The first byte of the prime. */
const PRIME_FIRST = 0xed;

/** The bit of the last byte that is the sign of x, and no part of y. */
const SIGN = 0x80;

/**
 * Whether 32 bytes can be an Ed25519 public key that only its owner signs for. Refused are the points of small order,
 * under which anybody can make signatures, and a y that is not below the prime, which RFC 8032 §5.1.3 refuses.
 */
export function isSafePublicKey(publicKey: Uint8Array): boolean {
  return publicKey.length === POINT_BYTES && isSafePoint(publicKey);
}

/**
 * Whether a signature and a key are such as all verifiers agree about: asked before each of ours. They differ in R of small
 * order as they do in such keys. None that a signer makes is refused: R is a random point of the group of large order.
 */
export function isUndisputed(signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  return isSafePoint(signature.subarray(0, POINT_BYTES)) && isSafePublicKey(publicKey);
}

function isSafePoint(point: Uint8Array): boolean {
  const y = point.map((byte, i) => (i === POINT_BYTES - 1 ? byte & ~SIGN : byte));
  const hex = encodeHex(y);
  const isReduced = !hex.endsWith(PRIME_REST) || (y[0] ?? 0) < PRIME_FIRST;
  return isReduced && !SMALL_ORDER.has(hex);
}
