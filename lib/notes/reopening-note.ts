import { decodeBase64, encodeBase64 } from '../util/base64';
import { AuditError } from '../errors';
import { type Hash, HASH_BYTES } from '../tree/hash';
import type { Crypto } from '../crypto/ports';
import { parseNoteOrText } from './checkpoint-note';
import { type Note, noteSigners, type VerifierKey } from './note';

/** What a reopening states in one text (docs/formats.md §4.1): where a chain goes on, and what else was said of that. */
export interface ReopeningHead {
  /** As that of the chain's checkpoints: the name of the key that signs. */
  origin: string;
  /** Entries that the chain had. */
  size: number;
  /** The root of their tree. */
  root: Hash;
  /** SHA-256, in hex, of the canonical text of the whole statement. */
  digest: string;
}

/** A reopening that was read, and its signatures, of which nothing is verified yet. */
export interface ReopeningNote extends ReopeningHead {
  note: Note;
}

/** Where a checkpoint has its size: neither can be taken for the other. */
const MARK = 'reopened';

const SIZE = /^(0|[1-9]\d{0,15})$/;
const DIGEST = /^[0-9a-f]{64}$/;

/** The text that is signed, five lines. */
export function formatReopening({ origin, size, root, digest }: ReopeningHead): string {
  return `${origin}\n${MARK}\n${size}\n${encodeBase64(root)}\n${digest}\n`;
}

/**
 * Reads a signed reopening, or its five lines alone.
 * @throws AuditError `CHECKPOINT_UNREADABLE`.
 */
export function parseReopeningNote(text: string): ReopeningNote {
  const note = parseNoteOrText(text);
  const [origin = '', mark, size = '', encoded = '', digest = '', end, more] = note.text.split('\n', 7);
  const root = decodeBase64(encoded);
  const isHead = origin !== '' && mark === MARK && SIZE.test(size) && Number.isSafeInteger(Number(size));
  if (isHead && root?.length === HASH_BYTES && DIGEST.test(digest) && end === '' && more === undefined)
    return { origin, size: Number(size), root, digest, note };
  throw new AuditError('CHECKPOINT_UNREADABLE', 'This is no record of a chain that was opened again.');
}

/** Whether one of these keys signed it, and none of them wrongly. */
export function isReopeningSignedByAny(
  keys: readonly VerifierKey[],
  { note, origin }: ReopeningNote,
  crypto: Crypto,
): boolean {
  const named = keys.filter(({ name }) => name === origin);
  return noteSigners(note, named, crypto.verifyEd25519).length > 0;
}
