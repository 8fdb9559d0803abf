import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { isSoundKey } from './ed25519-key';
import type { VerifyEd25519 } from './merkle/note';

/** RFC 8410: what stands before the 32 bytes of an Ed25519 public key in its DER form. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Ed25519 on Node.js. OpenSSL looks at no key: it takes points of small order and unreduced ones, throws at a key that
 * is shorter, and reads the first 32 bytes of one that is longer.
 */
export const verifyEd25519: VerifyEd25519 = (message, signature, publicKey) =>
  isSoundKey(publicKey) && verify(null, message, keyObject(publicKey), signature);

/** The 32 bytes of an Ed25519 public key. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  return key.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
}

function keyObject(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
}
