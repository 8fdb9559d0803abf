import { Complaints } from '../util/complaints';
import { isAuditError } from '../errors';
import { parseVerifierKey, type VerifierKey } from '../notes/note';
import { isSignedByAny, parseCheckpointNoteOf } from '../notes/checkpoint-note';
import { quote } from '../util/quote';
import type { SigningKey } from '../checkpoints/signing-key';
import type { TreeStatement } from './tree-statements';
import type { VerifyOptions } from './options';
import { NODE_CRYPTO } from '../crypto/node';

/**
 * The statement of a checkpoint that was kept elsewhere, if one is given.
 * @param own the ledger's own key, which counts as given
 * @throws AuditError `INVALID_QUERY` when it is not this tenant's, or not signed by one of the keys that are given.
 */
export function readGivenCheckpoint(
  { checkpoint, keys }: VerifyOptions,
  origin: string,
  own: SigningKey | null,
): TreeStatement[] {
  const complaints = new Complaints();
  const parsed = Array.isArray(keys) ? keys.flatMap((key) => tryRead(complaints, 'keys', key, parseKey)) : [];
  if (keys !== undefined && !Array.isArray(keys)) complaints.add('keys', 'an array of verifier keys', keys);
  const openedOf = (note: string) => parseCheckpointNoteOf(origin, note);
  const opened = checkpoint === undefined ? [] : tryRead(complaints, 'checkpoint', checkpoint, openedOf);
  const [pin] = opened;
  const trusted = own ? [...parsed, own.verifierKey(origin)] : parsed;
  if (pin && keys !== undefined && complaints.isEmpty && !isSignedByAny(trusted, pin, NODE_CRYPTO))
    complaints.add('checkpoint', 'signed by one of the keys that are given', checkpoint);
  complaints.assertNone('INVALID_QUERY', 'verify cannot be answered');
  return opened.map((pin) => ({ ...pin, anchor: 'pinned', where: 'the checkpoint that was given' }));
}

function parseKey(text: string): VerifierKey {
  return parseVerifierKey(text, NODE_CRYPTO.sha256Bytes);
}

/** What is read of a text, in a list of one; nothing, and a complaint, where it cannot be. */
function tryRead<T>(complaints: Complaints, field: string, text: unknown, reading: (text: string) => T): T[] {
  try {
    if (typeof text === 'string') return [reading(text)];
    complaints.add(field, 'text', text);
  } catch (error) {
    if (!isAuditError(error)) throw error;
    complaints.add(field, 'readable', text, `${quote(text)}: ${error.message.slice(0, -1)}`);
  }
  return [];
}
