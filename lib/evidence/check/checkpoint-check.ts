import { isAuditError } from '../../errors';
import { checkpointOrigin, parseCheckpoint, type TreeHead } from '../../notes/checkpoint';
import { type Hash, isSameHash } from '../../tree/hash';
import {
  formatVerifierKey,
  isSignedBy,
  type Note,
  parseVerifierKey,
  type VerifierKey,
} from '../../notes/note';
import { quote } from '../../util/quote';
import { parseNoteOrText } from '../../notes/checkpoint-note';
import type { ProblemKind } from '../../chain/chain-check';
import { type Problems, Refusal } from './problems';
import type { CheckpointRecord, Manifest } from '../records';
import type { Crypto } from '../../crypto/ports';

/** The checkpoint of a file, and who signed it. */
export interface FileCheckpoint {
  head: TreeHead;
  note: Note;
  /** Keys of the file that bear the ledger's name and verify; none in a file that nobody signed. */
  signers: VerifierKey[];
}

/** What the records before a checkpoint add up to. */
export interface Tree {
  size: number;
  /** Null when they add up to no tree. */
  root: Hash | null;
}

/**
 * Checks the checkpoint of a file against its manifest, its records and its own keys (docs/formats.md §5.1 rules 4 and 6).
 * @throws Refusal for what is no checkpoint.
 */
export class CheckpointCheck {
  constructor(
    private readonly crypto: Crypto,
    private readonly problems: Problems,
  ) {}

  check(record: CheckpointRecord, manifest: Manifest, tree: Tree): FileCheckpoint {
    const { note, head, keys } = this.read(record);
    const isVerified = this.checkSignatures(note, keys);
    const origin = checkpointOrigin(manifest.ledger, manifest.tenantId);
    if (head.origin !== origin)
      this.add('foreign', `The checkpoint is of ${quote(head.origin)}, the manifest of ${quote(origin)}.`);
    const named = keys.filter(({ name }) => name === origin);
    if (keys.length > 0 && named.length === 0)
      this.add('foreign', `No key of the file bears the name of the ledger's chain, ${quote(origin)}.`);
    this.checkSizes(manifest.treeSize, head.size, tree.size);
    if (tree.root && head.size === tree.size && !isSameHash(tree.root, head.root))
      this.add('rewritten', `The records do not add up to the tree that the checkpoint states.`);
    return { head, note, signers: isVerified ? named : [] };
  }

  private read({ note: text, keys }: CheckpointRecord): { note: Note; head: TreeHead; keys: VerifierKey[] } {
    try {
      const note = parseNoteOrText(text);
      const head = parseCheckpoint(note.text);
      assertOneKeyEach(note, keys);
      return { note, head, keys: keys.map((key) => parseVerifierKey(key, this.crypto.sha256Bytes)) };
    } catch (error) {
      if (!isAuditError(error)) throw error;
      throw new Refusal('unreadable', null, `The checkpoint of the file cannot be read: ${error.message}`);
    }
  }

  private checkSignatures(note: Note, keys: VerifierKey[]): boolean {
    const { signatures, text } = note;
    const wrong = signatures.findIndex(
      (signature, i) => !isSignedBy(text, signature, keys[i] as VerifierKey, this.crypto.verifyEd25519),
    );
    if (wrong < 0) return true;
    this.add(
      'unreadable',
      `Signature ${wrong + 1} of the checkpoint is not by the key that the file lists for it.`,
    );
    return false;
  }

  private checkSizes(stated: number, signed: number, found: number): void {
    if (stated !== found) this.size('manifest', stated, found);
    if (signed !== found) this.size('checkpoint', signed, found);
  }

  private size(where: string, stated: number, found: number): void {
    const kind = found < stated ? 'truncated' : 'rewritten';
    this.add(kind, `The ${where} states ${stated} entries, the records of the file add up to ${found}.`);
  }

  private add(kind: ProblemKind, message: string): void {
    this.problems.add(kind, null, message);
  }
}

/** Before the keys are read: of signatures a note has few, of keys a file could list any number. */
function assertOneKeyEach({ signatures }: Note, keys: readonly string[]): void {
  if (signatures.length === keys.length) return;
  const counts = `${signatures.length} signatures and ${keys.length} keys`;
  throw new Refusal(
    'unreadable',
    null,
    `The file's keys are not those of the checkpoint's signatures: it has ${counts}.`,
  );
}

/** Those of some keys that are among others. */
export function commonKeys(keys: readonly VerifierKey[], others: readonly VerifierKey[]): VerifierKey[] {
  const texts = others.map(formatVerifierKey);
  return keys.filter((key) => texts.includes(formatVerifierKey(key)));
}
