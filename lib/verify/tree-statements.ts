import type { Problem } from '../chain/chain-check';
import type { CheckpointCopies } from '../checkpoints/copies-file';
import { isAuditError } from '../errors';
import { isObject } from '../util/complaints';
import type { Hash } from '../tree/hash';
import { parseVerifierKey, type VerifierKey } from '../notes/note';
import {
  isSignedByAny,
  type CheckpointNote,
  parseCheckpointNoteOf,
  parseValidKeys,
} from '../notes/checkpoint-note';
import { findLargestStated, type StatedTree, checkpointStatementsFilter } from '../checkpoints/system-chain';
import type { StoredCheckpoint } from '../store/tree-store';
import type { SigningKey } from '../checkpoints/signing-key';
import type { Store } from '../store/store';
import type { Anchor } from '../vocabulary';
import { NODE_CRYPTO } from '../crypto/node';

/** What somebody has stated of a tree. */
export interface TreeStatement {
  size: number;
  root: Hash;
  /** What it is worth when the chain agrees with it. */
  anchor: Anchor;
  /** Where it was found, for messages. */
  where: string;
}

/** Whose statements count. */
export interface Trust {
  origin: string;
  /** Keys that the ledger holds, or its user gave. */
  keys: readonly VerifierKey[];
}

/** The ledger's own key, and those given. */
export function createTrust(origin: string, key: SigningKey | null, given: readonly string[]): Trust {
  const keys = given.map((text) => parseVerifierKey(text, NODE_CRYPTO.sha256Bytes));
  return { origin, keys: key ? [...keys, key.verifierKey(origin)] : keys };
}

/** What a stored checkpoint states; a problem where it cannot be read, or its signature is wrong. */
export function readStatement({ note, keys }: StoredCheckpoint, trust: Trust): TreeStatement | Problem {
  try {
    const opened = parseCheckpointNoteOf(trust.origin, note);
    const anchor = anchorFor(opened, keys, trust);
    if (anchor) return { ...opened, anchor, where: 'a stored checkpoint' };
    return unreadable(`A stored checkpoint of ${opened.size} entries has a wrong signature.`);
  } catch (error) {
    if (!isAuditError(error)) throw error;
    return unreadable(`A stored checkpoint cannot be read: ${error.message}`);
  }
}

function unreadable(message: string): Problem {
  return { kind: 'unreadable', seq: null, message };
}

function anchorFor(opened: CheckpointNote, keys: readonly string[], trust: Trust): Anchor | null {
  if (opened.note.signatures.length === 0) return 'unsigned';
  if (isSignedByAny(trust.keys, opened, NODE_CRYPTO)) return 'signed';
  return isSignedByAny(parseValidKeys(keys, NODE_CRYPTO), opened, NODE_CRYPTO) ? 'self-signed' : null;
}

/** The newest checkpoint in the file of copies. It counts whoever signed it: nobody with access to the database could write it. */
export async function readStatementInFile(
  file: CheckpointCopies | null,
  trust: Trust,
): Promise<TreeStatement[]> {
  const opened = await file?.newest(trust.origin);
  if (!opened) return [];
  const signed = isSignedByAny(trust.keys, opened, NODE_CRYPTO);
  return [{ ...opened, anchor: signed ? 'signed' : 'none', where: 'the file of checkpoints' }];
}

/** What the ledger's own chain says of a tenant's checkpoints. */
export interface SystemStatements {
  /** The largest that a known key has signed: the loss of a whole tenant shows there. */
  signed: StatedTree | null;
  /** The largest size that entries tell of, whoever added them. */
  told: number;
}

/** All of its statements are read: somebody with access to the database can add some, and edit the last ones. */
export async function readStatementsInSystem(
  tenantId: string,
  store: Store,
  trust: Trust,
): Promise<SystemStatements> {
  let signed: StatedTree | null = null;
  let told = 0;
  for await (const readings of store.walk(checkpointStatementsFilter(tenantId))) {
    const all = [...readings];
    const largest = findLargestStated(all, trust);
    if (largest && largest.size > (signed?.size ?? 0)) signed = largest;
    for (const { entry } of all) told = Math.max(told, sizeIn(entry?.metadata));
  }
  return { signed, told };
}

function sizeIn(metadata: unknown): number {
  const size = isObject(metadata) ? metadata['size'] : 0;
  return Number.isSafeInteger(size) ? Number(size) : 0;
}
