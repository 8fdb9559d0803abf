import type { Sha256 } from '../chain/entry';
import type { Sha256Bytes } from '../merkle/hash';
import type { VerifyEd25519 } from '../merkle/note';

/** What verifying evidence needs of cryptography. Passed in: a browser has no `node:crypto`. */
export interface EvidenceCrypto {
  sha256: Sha256;
  sha256Bytes: Sha256Bytes;
  verifyEd25519: VerifyEd25519;
}
