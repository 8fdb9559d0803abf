import type { Problem } from '../chain/check';
import type { CheckpointFile } from '../merkle/checkpoint-file';
import type { Hash } from '../merkle/hash';
import { parseVerifierKey, type VerifierKey } from '../merkle/note';
import {
  isSignedByOneOf,
  type OpenedCheckpoint,
  readableKeys,
  readCheckpointOf,
} from '../merkle/stored-head';
import { largestStatedIn, type StatedTree, statementsOf } from '../merkle/system-statement';
import type { StoredCheckpoint } from '../merkle/tree-store';
import { NOTE_CRYPTO } from '../note-crypto';
import type { SigningKey } from '../signing-key';
import type { Store } from '../store';
import type { Anchor } from '../vocabulary';

/** What somebody has stated of a tree. */
export interface Statement {
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
export function trustOf(origin: string, key: SigningKey | null, given: readonly string[]): Trust {
  const keys = given.map((text) => parseVerifierKey(text, NOTE_CRYPTO.sha256));
  return { origin, keys: key ? [...keys, key.verifierKey(origin)] : keys };
}

/** What a stored checkpoint states; a problem where it cannot be read, or its signature is wrong. */
export function statementOf({ note, keys }: StoredCheckpoint, trust: Trust): Statement | Problem {
  const opened = readCheckpointOf(trust.origin, note);
  const anchor = opened && anchorOf(opened, keys, trust);
  if (opened && anchor) return { ...opened, anchor, where: 'a stored checkpoint' };
  const what = opened
    ? `A stored checkpoint of ${opened.size} entries has a wrong signature`
    : 'A stored checkpoint cannot be read';
  return { kind: 'unreadable', seq: null, message: `${what}.` };
}

function anchorOf(opened: OpenedCheckpoint, keys: readonly string[], trust: Trust): Anchor | null {
  if (opened.note.signatures.length === 0) return 'unsigned';
  if (isSignedByOneOf(trust.keys, opened, NOTE_CRYPTO)) return 'signed';
  return isSignedByOneOf(readableKeys(keys, NOTE_CRYPTO), opened, NOTE_CRYPTO) ? 'self-signed' : null;
}

/** The newest checkpoint in the file of copies. It was out of reach of who holds the database, whoever signed it. */
export async function statementInFile(file: CheckpointFile | null, trust: Trust): Promise<Statement[]> {
  const opened = await file?.newest(trust.origin);
  if (!opened) return [];
  const signed = isSignedByOneOf(trust.keys, opened, NOTE_CRYPTO);
  return [{ ...opened, anchor: signed ? 'signed' : 'none', where: 'the file of checkpoints' }];
}

/**
 * What the ledger's own chain says of the largest checkpoint of a tenant: the loss of a whole tenant shows there. All of
 * its statements are read: who holds the database can add some, and edit the last ones.
 */
export async function statementInSystem(tenantId: string, store: Store): Promise<Statement[]> {
  let largest: StatedTree | null = null;
  for await (const readings of store.walk(statementsOf(tenantId))) {
    const stated = largestStatedIn(readings);
    if (stated && stated.size > (largest?.size ?? 0)) largest = stated;
  }
  return largest ? [{ ...largest, anchor: 'none', where: "the ledger's own chain" }] : [];
}
