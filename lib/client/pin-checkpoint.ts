import { isUndisputed } from '../crypto/ed25519-key';
import { sha256Bytes } from '../crypto/sha256';
import { AuditError } from '../errors';
import { type CheckpointNote, isSignedByAny, parseCheckpointNote } from '../notes/checkpoint-note';
import { parseVerifierKey, type VerifierKey } from '../notes/note';
import { encodeHex } from '../util/hex';
import { quote } from '../util/quote';
import type { AuditClient } from './client';

/** What the newest checkpoint is held against. */
export interface PinOptions {
  tenantId: string;
  /** Verifier keys, of which one must have signed it. Without them, nothing says who made it. */
  keys?: readonly string[] | undefined;
  /** The note that was kept before: the tree may only have grown. */
  pinned?: string | undefined;
}

/**
 * The newest checkpoint of a tenant, to be kept; null without one. It is held against `keys` and the one that was kept
 * before, here and not by the collector. Keep it where the collector's operators cannot change it.
 * @throws AuditError `CHECKPOINT_UNREADABLE` for another's, and without the signature of one of the keys;
 * `CHECKPOINT_CONTRADICTED` where it is shorter than the one that was kept, or another tree of the same size, or there is
 * none any more; `UNREADABLE` for a key that is none; and as `newestCheckpoint`.
 */
export async function pinCheckpoint(
  client: Pick<AuditClient, 'newestCheckpoint'>,
  { tenantId, keys, pinned }: PinOptions,
): Promise<string | null> {
  const kept = pinned === undefined ? null : parseCheckpointNote(pinned);
  const parsed = keys?.map((text) => parseVerifierKey(text, sha256Bytes));
  const note = await client.newestCheckpoint(tenantId);
  if (note === null && kept) throw contradicted(kept, 'is gone');
  if (note === null) return null;
  const newest = parseCheckpointNote(note);
  if (!newest.origin.endsWith(`/${encodeURIComponent(tenantId)}`))
    throw unreadable(`is of ${quote(newest.origin)}, not of the tenant ${quote(tenantId)}`);
  if (kept) assertGrown(kept, newest);
  if (parsed && !(await isSigned(parsed, newest)))
    throw unreadable('is not signed by one of the keys that are given');
  return note;
}

/** That what is between belongs to the same tree, `verify({ tenantId, checkpoint: pinned })` and an export tell. */
function assertGrown(pinned: CheckpointNote, newest: CheckpointNote): void {
  if (pinned.origin !== newest.origin)
    throw unreadable(`is of ${quote(newest.origin)}, the one that was kept of ${quote(pinned.origin)}`);
  const isSame = encodeHex(pinned.root) === encodeHex(newest.root);
  if (newest.size > pinned.size || (newest.size === pinned.size && isSame)) return;
  throw contradicted(pinned, newest.size < pinned.size ? `has ${newest.size} entries` : 'is of another tree');
}

function contradicted({ origin, size }: CheckpointNote, what: string): AuditError {
  const kept = `the one that was kept states ${size} entries`;
  const message = `The newest checkpoint of ${quote(origin)} ${what}, ${kept}: entries were removed or changed.`;
  return new AuditError('CHECKPOINT_CONTRADICTED', message);
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
  if (!isUndisputed(signature, publicKey)) return false;
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
