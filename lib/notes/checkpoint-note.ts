import { AuditError, isAuditError } from '../errors';
import { quote } from '../util/quote';
import { parseCheckpoint, type TreeHead } from './checkpoint';
import { type Note, noteSigners, parseNote, parseVerifierKey, type VerifierKey } from './note';
import type { Crypto } from '../crypto/ports';

/** A checkpoint that was read, and its signatures, of which nothing is verified yet. */
export interface CheckpointNote extends TreeHead {
  note: Note;
}

/**
 * Reads a checkpoint: a signed note, or without signatures its three lines of text alone.
 * @throws AuditError `CHECKPOINT_UNREADABLE`.
 */
export function parseCheckpointNote(note: string): CheckpointNote {
  const opened = parseNoteOrText(note);
  return { ...parseCheckpoint(opened.text), note: opened };
}

/**
 * A note, or the three lines of a ledger without a key, which nobody signed (docs/formats.md §4).
 * @throws AuditError `CHECKPOINT_UNREADABLE`.
 */
export function parseNoteOrText(text: string): Note {
  return text.includes('\n\n') ? parseNote(text) : { text, signatures: [] };
}

/**
 * The same of one origin's checkpoint.
 * @throws AuditError `CHECKPOINT_UNREADABLE`.
 */
export function parseCheckpointNoteOf(origin: string, note: string): CheckpointNote {
  const opened = parseCheckpointNote(note);
  if (opened.origin === origin) return opened;
  throw new AuditError(
    'CHECKPOINT_UNREADABLE',
    `This is a checkpoint of ${quote(opened.origin)}, not of ${quote(origin)}.`,
  );
}

/** The same, or null where it cannot be read. */
export function tryParseCheckpointNoteOf(origin: string, note: string): CheckpointNote | null {
  try {
    return parseCheckpointNoteOf(origin, note);
  } catch (error) {
    if (isAuditError(error)) return null;
    throw error;
  }
}

/**
 * Whether one of these keys signed it, and none of them wrongly: a note of theirs with a wrong signature is none. A key of
 * another name is none of this origin's.
 */
export function isSignedByAny(keys: readonly VerifierKey[], opened: CheckpointNote, crypto: Crypto): boolean {
  const { note, origin } = opened;
  const named = keys.filter(({ name }) => name === origin);
  return noteSigners(note, named, crypto.verifyEd25519).length > 0;
}

/** Keys in their text form; those that are none are left out. */
export function parseValidKeys(texts: readonly string[], crypto: Crypto): VerifierKey[] {
  return texts.flatMap((text) => {
    try {
      return [parseVerifierKey(text, crypto.sha256Bytes)];
    } catch (error) {
      if (isAuditError(error)) return [];
      throw error;
    }
  });
}
