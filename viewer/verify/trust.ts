import { isAuditError } from '../../lib/errors';
import { type SavedCheckpoints, parseSavedCheckpoints } from '../../lib/notes/saved-checkpoints';
import { parseVerifierKey } from '../../lib/notes/note';
import { WEB_CRYPTO } from '../crypto';

/** The fields of the form, as they were filled in. */
export interface TrustFields {
  keys: string;
  checkpoint: string;
  allowUntrustedKey: boolean;
}

/** What a check may rely on: all that comes from elsewhere than the file. */
export interface Trust {
  keys: string[];
  checkpoints: SavedCheckpoints | null;
  allowUntrustedKey: boolean;
  /** The first line of the keys that is none. */
  badKey: string | null;
  /** Whether what stands for a checkpoint is none. */
  isBadCheckpoint: boolean;
}

export const NOTHING_GIVEN: TrustFields = { keys: '', checkpoint: '', allowUntrustedKey: false };

/** Reads the fields. A key given decides: then a key out of the file is nothing to accept. */
export function trustOf(fields: TrustFields): Trust {
  const keys = fields.keys
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  // Pasted text has lost its last line break more often than not.
  const note = fields.checkpoint.trim();
  const checkpoints = note === '' ? null : parseSavedCheckpoints(`${note}\n`);
  return {
    keys,
    checkpoints,
    allowUntrustedKey: fields.allowUntrustedKey && keys.length === 0,
    badKey: keys.find((key) => !isKey(key)) ?? null,
    isBadCheckpoint: note !== '' && checkpoints === null,
  };
}

/** Whether a text is a verifier key. */
export function isKey(text: string): boolean {
  try {
    parseVerifierKey(text, WEB_CRYPTO.sha256Bytes);
    return true;
  } catch (error) {
    if (isAuditError(error)) return false;
    throw error;
  }
}
