import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 as digest, sha512 } from '@noble/hashes/sha2.js';
import { isUndisputed } from '../lib/crypto/ed25519-key';
import { isSameHash, nodeHash } from '../lib/tree/hash';
import { encodeHex } from '../lib/util/hex';
import type { Crypto, Sha256, VerifyEd25519 } from '../lib/crypto/ports';

const utf8 = new TextEncoder();
const { Point } = ed25519;
const SCALAR = Point.Fn;
const HALF = 32;

/** SHA-256 in a browser. Not WebCrypto's: that is absent on plain HTTP. */
export const sha256: Sha256 = (text) => encodeHex(digest(utf8.encode(text)));

/** Ed25519 in a browser. It accepts what the server accepts and nothing else, by the rules of RFC 8032, not of ZIP 215. */
export const verifyEd25519: VerifyEd25519 = (message, signature, publicKey) => {
  try {
    return (
      isUndisputed(signature, publicKey) &&
      ed25519.verify(signature, message, publicKey, { zip215: false }) &&
      isExact(message, signature, publicKey)
    );
  } catch {
    return false; // it throws at what has not the form of a signature or a key
  }
};

/**
 * The library multiplies both sides of the equation by eight, which lets pass signatures that differ by a point of small
 * order. OpenSSL, on the server, compares as they are: R = [S]B - [k]A.
 */
function isExact(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  const r = signature.subarray(0, HALF);
  const s = SCALAR.fromBytes(signature.subarray(HALF));
  const hash = sha512(Uint8Array.from([...r, ...publicKey, ...message]));
  const k = SCALAR.create(littleEndian(hash));
  const expected = Point.BASE.multiplyUnsafe(s).subtract(Point.fromBytes(publicKey).multiplyUnsafe(k));
  return isSameHash(expected.toBytes(), r);
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${encodeHex(bytes.toReversed())}`);
}

/** All that a verifier needs, in a browser. */
export const WEB_CRYPTO: Crypto = { sha256, sha256Bytes: digest, verifyEd25519 };

/** The hash of an inner node. */
export const TREE_NODE_HASH = nodeHash(digest);
