import { readFileSync } from 'node:fs';
import { isEmptyKey, SigningKey } from '../lib/checkpoints/signing-key';
import { InputError, describeReason } from './failure';

/** The text of a file with a private key. @throws InputError when it holds none. */
export function readSigningKey(path: string): string {
  const pem = readText(path, 'The signing key');
  if (SigningKey.from(pem)) return pem;
  const what = isEmptyKey(pem) ? 'an empty file' : 'not an Ed25519 private key';
  const mend = 'give PKCS#8 PEM, such as `audit-ledger keygen` writes';
  throw new InputError(`The signing key ${path} is ${what}: ${mend}.`);
}

/** @throws InputError. */
export function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new InputError(`${what} cannot be read: ${describeReason(error)}.`);
  }
}
