import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { VerifyEd25519 } from './merkle/note';

/** RFC 8410: what stands before the 32 bytes of an Ed25519 public key in its DER form. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

const KEY_BYTES = 32;

/** Ed25519 on Node.js. A key of another length is nobody's: OpenSSL would throw, or read the first 32 bytes of a longer one. */
export const verifyEd25519: VerifyEd25519 = (message, signature, publicKey) =>
  publicKey.length === KEY_BYTES && verify(null, message, keyObject(publicKey), signature);

/** The 32 bytes of an Ed25519 public key. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  return key.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
}

function keyObject(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
}
