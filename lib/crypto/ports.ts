/** SHA-256 of the UTF-8 bytes of a text, as 64 lower-case hex digits. */
export type Sha256 = (text: string) => string;

/** SHA-256 of bytes: 32 bytes. */
export type Sha256Bytes = (bytes: Uint8Array) => Uint8Array;

/** Whether an Ed25519 signature (64 bytes) of a message is by a public key (32 bytes). */
export type VerifyEd25519 = (message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array) => boolean;

/** All cryptography that a verifier needs. Passed in: a browser has no `node:crypto`. */
export interface Crypto {
  sha256: Sha256;
  sha256Bytes: Sha256Bytes;
  verifyEd25519: VerifyEd25519;
}
