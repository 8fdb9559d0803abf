import { isSafePublicKey } from '../crypto/ed25519-key';
import { sha256Bytes } from '../crypto/sha256';
import { AuditError } from '../errors';
import { type CheckpointNote, isSignedByAny, parseCheckpointNote } from '../notes/checkpoint-note';
import { parseVerifierKey, type VerifierKey } from '../notes/note';
import { encodeHex } from '../util/hex';
import { quote } from '../util/quote';

/** What a checkpoint is held against. */
export interface CheckpointOptions {
  /** Verifier keys, of which one must have signed it. Without them, nothing says who made it. */
  keys?: readonly string[] | undefined;
  /** The note that was kept before: the tree may only have grown. */
  pinned?: string | undefined;
}

/**
 * Holds a tenant's newest checkpoint against what is known, without trust in who gave it.
 * @throws AuditError `CHECKPOINT_UNREADABLE` for another's, and without the signature of one of the keys;
 * `CHECKPOINT_CONTRADICTED` where it is shorter than the one that was kept, or another tree of the same size;
 * `UNREADABLE` for a key that is none.
 */
export async function assertCheckpoint(
  note: string,
  tenantId: string,
  { keys, pinned }: CheckpointOptions,
): Promise<void> {
  const newest = parseCheckpointNote(note);
  if (!newest.origin.endsWith(`/${encodeURIComponent(tenantId)}`))
    throw unreadable(`is of ${quote(newest.origin)}, not of the tenant ${quote(tenantId)}`);
  if (keys) {
    const parsed = keys.map((text) => parseVerifierKey(text, sha256Bytes));
    if (!(await isSigned(parsed, newest)))
      throw unreadable('is not signed by one of the keys that are given');
  }
  if (pinned !== undefined) assertGrown(parseCheckpointNote(pinned), newest);
}

/** That what is between belongs to the same tree, `verify({ tenantId, checkpoint: pinned })` and an export tell. */
function assertGrown(pinned: CheckpointNote, newest: CheckpointNote): void {
  if (pinned.origin !== newest.origin)
    throw unreadable(`is of ${quote(newest.origin)}, the one that was kept of ${quote(pinned.origin)}`);
  const isSame = encodeHex(pinned.root) === encodeHex(newest.root);
  if (newest.size > pinned.size || (newest.size === pinned.size && isSame)) return;
  const what = newest.size < pinned.size ? `has ${newest.size} entries only` : 'is of another tree';
  const subject = `The newest checkpoint of ${quote(newest.origin)} ${what}`;
  const kept = `the one that was kept states ${pinned.size} entries`;
  throw new AuditError('CHECKPOINT_CONTRADICTED', `${subject}, ${kept}: entries were removed or changed.`);
}

/** WebCrypto is asynchronous: all signatures that may count are verified first. */
async function isSigned(keys: readonly VerifierKey[], checkpoint: CheckpointNote): Promise<boolean> {
  const { text, signatures } = checkpoint.note;
  const valid = new Set<string>();
  const message = new TextEncoder().encode(text);
  for (const { id, signature } of signatures)
    for (const { publicKey } of keys.filter((key) => key.id === id))
      if (await verifyEd25519(message, signature, publicKey)) valid.add(pair(signature, publicKey));
  const verify = (_message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array) =>
    valid.has(pair(signature, publicKey));
  const never = () => '';
  return isSignedByAny(keys, checkpoint, { sha256: never, sha256Bytes, verifyEd25519: verify });
}

function pair(signature: Uint8Array, publicKey: Uint8Array): string {
  return `${encodeHex(signature)} ${encodeHex(publicKey)}`;
}

async function verifyEd25519(
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): Promise<boolean> {
  if (!isSafePublicKey(publicKey)) return false;
  const { subtle } = crypto;
  const key = await subtle.importKey('raw', copy(publicKey), { name: 'Ed25519' }, false, ['verify']);
  return subtle.verify({ name: 'Ed25519' }, key, copy(signature), copy(message));
}

/** WebCrypto takes no view of memory that may be shared, by its types. */
function copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes);
}

function unreadable(why: string): AuditError {
  return new AuditError('CHECKPOINT_UNREADABLE', `The newest checkpoint ${why}.`);
}
