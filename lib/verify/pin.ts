import { Complaints } from '../complaints';
import { isAuditError } from '../errors';
import { parseVerifierKey, type VerifierKey } from '../merkle/note';
import { isSignedByOneOf, openCheckpointOf } from '../merkle/stored-head';
import { NOTE_CRYPTO } from '../note-crypto';
import { quote } from '../quote';
import type { SigningKey } from '../signing-key';
import type { Statement } from './statements';
import type { VerifyOptions } from './verify';

/**
 * The statement of a checkpoint that was kept elsewhere, if one is given.
 * @param own the ledger's own key, which counts as given
 * @throws AuditError `INVALID_QUERY` when it is not this tenant's, or not signed by one of the keys that are given.
 */
export function pinnedBy(
  { checkpoint, keys }: VerifyOptions,
  origin: string,
  own: SigningKey | null,
): Statement[] {
  const complaints = new Complaints();
  const parsed = Array.isArray(keys) ? keys.flatMap((key) => read(complaints, 'keys', key, keyOf)) : [];
  if (keys !== undefined && !Array.isArray(keys)) complaints.add('keys', 'an array of verifier keys', keys);
  const openedOf = (note: string) => openCheckpointOf(origin, note);
  const opened = checkpoint === undefined ? [] : read(complaints, 'checkpoint', checkpoint, openedOf);
  const [pin] = opened;
  const trusted = own ? [...parsed, own.verifierKey(origin)] : parsed;
  if (pin && keys !== undefined && complaints.none && !isSignedByOneOf(trusted, pin, NOTE_CRYPTO))
    complaints.add('checkpoint', 'signed by one of the keys that are given', checkpoint);
  complaints.assertNone('INVALID_QUERY', 'verify cannot be answered');
  return opened.map((pin) => ({ ...pin, anchor: 'pinned', where: 'the checkpoint that was given' }));
}

function keyOf(text: string): VerifierKey {
  return parseVerifierKey(text, NOTE_CRYPTO.sha256);
}

/** What is read of a text, in a list of one; nothing, and a complaint, where it cannot be. */
function read<T>(complaints: Complaints, field: string, text: unknown, reading: (text: string) => T): T[] {
  try {
    if (typeof text === 'string') return [reading(text)];
    complaints.add(field, 'text', text);
  } catch (error) {
    if (!isAuditError(error)) throw error;
    complaints.add(field, 'readable', text, `${quote(text)}: ${error.message.slice(0, -1)}`);
  }
  return [];
}
