import { isAuditError } from '../lib/errors';
import { parseVerifierKey, type VerifierKey } from '../lib/notes/note';
import type { Values } from './arguments';
import { UsageError } from './failure';
import { NODE_CRYPTO } from '../lib/crypto/node';

/** The options that say what a check may rely on. */
export const TRUST_OPTIONS = {
  key: { type: 'string', multiple: true },
  checkpoint: { type: 'string' },
  'allow-untrusted-key': { type: 'boolean' },
} as const;

/** The verifier keys of a command line. @throws UsageError for what is none. */
export function givenKeys(texts: readonly string[]): VerifierKey[] {
  return texts.map((text) => {
    try {
      return parseVerifierKey(text, NODE_CRYPTO.sha256Bytes);
    } catch (error) {
      if (!isAuditError(error)) throw error;
      throw new UsageError(`--key: ${error.message}`);
    }
  });
}

/** @throws UsageError when a key is given, and any other allowed. */
export function assertOneTrust(values: Values<typeof TRUST_OPTIONS>): void {
  if (values.key && values['allow-untrusted-key'])
    throw new UsageError('--allow-untrusted-key and --key contradict each other: give one of them');
}
