import { Complaints } from '../../util/complaints';
import { AuditError, isAuditError } from '../../errors';
import { parseCheckpoint, type TreeHead } from '../../notes/checkpoint';
import { type Note, parseVerifierKey, type VerifierKey } from '../../notes/note';
import { parseNoteOrText } from '../../notes/checkpoint-note';
import type { Crypto } from '../../crypto/ports';

/** What a verifier holds from outside of the file. */
export interface VerifyEvidenceOptions {
  /** The ledger's verifier keys, one at least. A file that none of them signed is refused. */
  keys?: readonly string[] | undefined;
  /** An older checkpoint of the same chain that was kept elsewhere: a signed note. */
  checkpoint?: string | undefined;
  /** The caller knows that a key out of the file itself proves little, and takes it; not with `keys`. */
  allowUntrustedKey?: boolean | undefined;
}

/** A checkpoint that the verifier was given. */
export interface GivenCheckpoint {
  head: TreeHead;
  note: Note;
}

/** Options checked once. */
export interface ParsedVerifyOptions {
  keys: VerifierKey[] | null;
  pin: GivenCheckpoint | null;
  allowUntrustedKey: boolean;
}

const KNOWN = ['keys', 'checkpoint', 'allowUntrustedKey'];

/**
 * Checks options, unknown names too.
 * @throws AuditError `INVALID_OPTIONS` with every bad option, `UNREADABLE` for what is no key, `CHECKPOINT_UNREADABLE` for what is no checkpoint.
 */
export function parseVerifyOptions(options: VerifyEvidenceOptions, crypto: Crypto): ParsedVerifyOptions {
  const complaints = new Complaints();
  complaints.unknownFields(options, KNOWN);
  const { keys, checkpoint, allowUntrustedKey = false } = options;
  if (keys !== undefined && !isStringArray(keys))
    complaints.add('keys', 'an array of one or more verifier keys; leave it out to have none', keys);
  if (checkpoint !== undefined && typeof checkpoint !== 'string')
    complaints.add('checkpoint', 'the text of a signed note', checkpoint);
  if (typeof allowUntrustedKey !== 'boolean' || (allowUntrustedKey && keys !== undefined))
    complaints.add(
      'allowUntrustedKey',
      'true or false, and left out where `keys` are given',
      allowUntrustedKey,
    );
  complaints.assertNone('INVALID_OPTIONS', 'verifyEvidence cannot use its options');
  return {
    keys: keys?.map((key) => parseVerifierKey(key, crypto.sha256Bytes)) ?? null,
    pin: checkpoint === undefined ? null : parseGivenCheckpoint(checkpoint),
    allowUntrustedKey,
  };
}

function isStringArray(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string');
}

function parseGivenCheckpoint(checkpoint: string): GivenCheckpoint {
  try {
    const note = parseNoteOrText(checkpoint);
    return { head: parseCheckpoint(note.text), note };
  } catch (error) {
    if (!isAuditError(error)) throw error;
    const mend = 'give the whole text of a checkpoint, with the line break at its end';
    throw new AuditError(
      'CHECKPOINT_UNREADABLE',
      `\`checkpoint\` cannot be read: ${error.message} Mend: ${mend}.`,
      {
        cause: error,
      },
    );
  }
}
