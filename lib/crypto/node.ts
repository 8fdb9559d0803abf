import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { isUndisputed } from './ed25519-key';
import type { Crypto, Sha256, Sha256Bytes, VerifyEd25519 } from './ports';

/** SHA-256 on Node.js; the one-shot call takes a seventh of the time of `createHash`. */
export const sha256: Sha256 = (text) => hash('sha256', text, 'hex');

/** The same of bytes. */
export const sha256Bytes: Sha256Bytes = (bytes) => hash('sha256', bytes, 'buffer');

/** RFC 8410: what stands before the 32 bytes of an Ed25519 public key in its DER form. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Ed25519 on Node.js. Its versions differ in points of small order and unreduced keys, throw at a key that is too short, and
 * read the first 32 bytes of one that is too long: `isUndisputed` refuses all of these first.
 */
export const verifyEd25519: VerifyEd25519 = (message, signature, publicKey) =>
  isUndisputed(signature, publicKey) && verify(null, message, toKeyObject(publicKey), signature);

/** All of it together. */
export const NODE_CRYPTO: Crypto = { sha256, sha256Bytes, verifyEd25519 };

/** The 32 bytes of an Ed25519 public key. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  return key.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
}

function toKeyObject(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
}
