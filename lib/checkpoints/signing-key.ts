import { createPrivateKey, createPublicKey, KeyObject, sign } from 'node:crypto';
import { formatNote, formatVerifierKey, type VerifierKey, verifierKey } from '../notes/note';
import { rawPublicKey, sha256Bytes } from '../crypto/node';

/** Signs notes with an Ed25519 private key. */
export class SigningKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;

  private constructor(private readonly key: KeyObject) {
    this.publicKey = rawPublicKey(createPublicKey(key));
  }

  /** Takes a private key, or its PKCS#8 PEM text; null for anything but an Ed25519 one. */
  static from(given: unknown): SigningKey | null {
    const key = given instanceof KeyObject ? given : parsePrivateKey(given);
    return key?.type === 'private' && key.asymmetricKeyType === 'ed25519' ? new SigningKey(key) : null;
  }

  /** The public half under a name. */
  verifierKey(name: string): VerifierKey {
    return verifierKey(name, this.publicKey, sha256Bytes);
  }

  /** A note with this key's signature, and the verifier key for it. */
  sign(text: string, name: string): { note: string; key: string } {
    const key = this.verifierKey(name);
    const signature = sign(null, Buffer.from(text), this.key);
    return {
      note: formatNote({ text, signatures: [{ name, id: key.id, signature }] }),
      key: formatVerifierKey(key),
    };
  }
}

function parsePrivateKey(pem: unknown): KeyObject | null {
  if (typeof pem !== 'string') return null;
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    return null; // what it says could quote the key
  }
}
