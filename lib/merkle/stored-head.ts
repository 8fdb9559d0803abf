import { AuditError, isAuditError } from '../errors';
import { quote } from '../quote';
import { parseCheckpoint, type TreeHead } from './checkpoint';
import {
  isSignedBy,
  type Note,
  type NoteCrypto,
  parseNote,
  parseVerifierKey,
  type VerifierKey,
} from './note';

/** A checkpoint that was read, and its signatures, of which nothing is verified yet. */
export interface OpenedCheckpoint extends TreeHead {
  note: Note;
}

/**
 * Reads a checkpoint: a signed note, or without signatures its three lines of text alone.
 * @throws AuditError `UNREADABLE`.
 */
export function openCheckpoint(note: string): OpenedCheckpoint {
  const opened = noteOf(note);
  return { ...parseCheckpoint(opened.text), note: opened };
}

/**
 * A note, or the three lines of a ledger without a key, which nobody signed (formats.md §4).
 * @throws AuditError `UNREADABLE`.
 */
export function noteOf(text: string): Note {
  return text.includes('\n\n') ? parseNote(text) : { text, signatures: [] };
}

/**
 * The same of one origin's checkpoint.
 * @throws AuditError `UNREADABLE`.
 */
export function openCheckpointOf(origin: string, note: string): OpenedCheckpoint {
  const opened = openCheckpoint(note);
  if (opened.origin === origin) return opened;
  throw new AuditError(
    'UNREADABLE',
    `This is a checkpoint of ${quote(opened.origin)}, not of ${quote(origin)}.`,
  );
}

/** The same, or null where it cannot be read. */
export function readCheckpointOf(origin: string, note: string): OpenedCheckpoint | null {
  try {
    return openCheckpointOf(origin, note);
  } catch (error) {
    if (isAuditError(error)) return null;
    throw error;
  }
}

/** Whether one of these keys signed it. A key of another name is none of this origin's. */
export function isSignedByOneOf(
  keys: readonly VerifierKey[],
  opened: OpenedCheckpoint,
  crypto: NoteCrypto,
): boolean {
  const { note, origin } = opened;
  return keys.some(
    (key) =>
      key.name === origin &&
      note.signatures.some((signed) => isSignedBy(note.text, signed, key, crypto.verify)),
  );
}

/** Keys in their text form; those that are none are left out. */
export function readableKeys(texts: readonly string[], crypto: NoteCrypto): VerifierKey[] {
  return texts.flatMap((text) => {
    try {
      return [parseVerifierKey(text, crypto.sha256)];
    } catch (error) {
      if (isAuditError(error)) return [];
      throw error;
    }
  });
}
