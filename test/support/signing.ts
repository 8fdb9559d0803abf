import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { encodeBase64 } from '../../lib/util/base64';
import { formatVerifierKey } from '../../lib/notes/note';
import { SigningKey } from '../../lib/checkpoints/signing-key';

/** The name of the ledger of these tests. */
export const LEDGER = 'audit.example.com';

/** A new private key. */
export function newKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey;
}

/** The same as PEM text, and back. */
export const pemOf = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }) as string;
export const keyOfPem = (pem: string): KeyObject => createPrivateKey(pem);

/** The verifier key of a tenant's checkpoints. */
export function vkeyOf(key: KeyObject, tenantId: string): string {
  return formatVerifierKey(SigningKey.from(key)!.verifierKey(`${LEDGER}/${tenantId}`));
}

/** A checkpoint that somebody signs, or nobody. */
export function noteBy(key: KeyObject | null, tenantId: string, size: number, root: Uint8Array): string {
  const origin = `${LEDGER}/${tenantId}`;
  const text = `${origin}\n${size}\n${encodeBase64(root)}\n`;
  return key ? SigningKey.from(key)!.sign(text, origin).note : text;
}

/** What a note of this ledger states. */
export function statedIn(note: string): { size: number; root: string } {
  const [, size, root] = note.split('\n');
  return { size: Number(size), root: Buffer.from(root!, 'base64').toString('hex') };
}
