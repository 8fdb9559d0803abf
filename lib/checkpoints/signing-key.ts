import { createPrivateKey, createPublicKey, KeyObject, sign } from 'node:crypto';
import { formatNote, formatVerifierKey, type VerifierKey, verifierKey } from '../notes/note';
import { rawPublicKey, sha256Bytes } from '../crypto/node';

/** Characters of a text that may be a key: one of Ed25519 has about 120. */
const LONGEST = 10_000;

/** Signs notes with an Ed25519 private key. */
export class SigningKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;

  private constructor(private readonly key: KeyObject) {
    this.publicKey = rawPublicKey(createPublicKey(key));
  }

  /** Takes a private key, or its PKCS#8 text as `parsePrivateKey` does; null for anything but an Ed25519 one. */
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

/** Whether a text has nothing in it but what surrounds keys in variables: blanks, quotes, escaped line breaks. */
export function isEmptyKey(given: unknown): boolean {
  return typeof given === 'string' && /^(?:\s|["']|\\[rn])*$/.test(given.slice(0, LONGEST));
}

const PEM = /-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----/;

/**
 * PKCS#8 as PEM or base64, in the forms that environment variables give it: without line breaks, with blanks or `\\n` in
 * their place, in quotes, the whole PEM in base64, or the base64 of the DER alone.
 */
function parsePrivateKey(given: unknown): KeyObject | null {
  if (typeof given !== 'string' || given.length > LONGEST) return null;
  const text = given.replaceAll(/\\r|\\n/g, '\n');
  const [, body = text] = PEM.exec(text) ?? [];
  const base64 = body.replaceAll(/[\s"']/g, '');
  if (!/^[A-Za-z0-9+/_-]+=*$/.test(base64)) return null;
  const bytes = Buffer.from(base64, 'base64');
  const inner = PEM.exec(bytes.toString('latin1'));
  try {
    const der = inner ? Buffer.from(inner[1] as string, 'base64') : bytes;
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch {
    return null; // what it says could quote the key
  }
}
