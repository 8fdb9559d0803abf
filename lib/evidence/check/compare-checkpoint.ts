import { checkpointOrigin } from '../../notes/checkpoint';
import { type Hash, isSameHash } from '../../tree/hash';
import { noteSigners, type VerifierKey } from '../../notes/note';
import { quote } from '../../util/quote';
import type { GivenCheckpoint } from './options';
import type { ProblemKind } from '../../chain/chain-check';
import type { Manifest } from '../records';
import type { VerifyEd25519 } from '../../crypto/ports';

/** How a file stands to a checkpoint that the verifier was given. */
export interface CheckpointComparison {
  /** Entries that the checkpoint states. */
  size: number;
  result: 'matches' | 'differs' | 'cannot tell';
  message: string;
}

/** What a file offers to compare a checkpoint with. */
export interface ComparedFile {
  manifest: Manifest;
  /** Entries that the records of the file cover. */
  size: number;
  /** The root at the size of the checkpoint; null when no record ends there. */
  root: Hash | null;
  /** Who may have signed the checkpoint: the keys that were given, else those of the file; none for an unsigned ledger. */
  keys: readonly VerifierKey[];
}

/** The outcome, and of what kind the problem is when they differ. */
type ComparisonResult = CheckpointComparison & { kind: ProblemKind | null };

/** Compares a file with a checkpoint that was kept elsewhere. */
export function compareCheckpoint(
  pin: GivenCheckpoint,
  file: ComparedFile,
  verify: VerifyEd25519,
): ComparisonResult {
  const { size, origin } = pin.head;
  const say = (
    result: CheckpointComparison['result'],
    message: string,
    kind: ProblemKind | null = null,
  ): ComparisonResult => ({
    size,
    result,
    message,
    kind,
  });
  const expected = checkpointOrigin(file.manifest.ledger, file.manifest.tenantId);
  const subject = `The checkpoint that was given, of ${size} entries,`;
  if (origin !== expected)
    return say('differs', `${subject} is of ${quote(origin)}, the file of ${quote(expected)}.`, 'foreign');
  if (!isSigned(pin, origin, file.keys, verify))
    return say('differs', `${subject} is not signed by ${describeKeys(file.keys)}.`, 'unreadable');
  if (size > file.size)
    return say(
      'cannot tell',
      `${subject} is newer than this file of ${file.size}: nothing can be compared. Ask for a newer export, or compare with an older checkpoint.`,
    );
  if (!file.root)
    return say(
      'cannot tell',
      `${subject} says neither yes nor no: entry ${size}, with which it ends, was left out of this file. Ask for an export that holds it: one with no filter, or with dates that take it in.`,
    );
  if (isSameHash(file.root, pin.head.root))
    return say('matches', `${subject} states the same tree as the file does at that size.`);
  return say(
    'differs',
    `${subject} states another tree: entries up to ${size} were changed since.`,
    'rewritten',
  );
}

/** An unsigned ledger has nobody who signs: there the checkpoint is worth what the place is where it was kept. */
function isSigned(
  { note }: GivenCheckpoint,
  origin: string,
  keys: readonly VerifierKey[],
  verify: VerifyEd25519,
): boolean {
  if (keys.length === 0) return note.signatures.length === 0;
  const named = keys.filter(({ name }) => name === origin);
  return noteSigners(note, named, verify).length > 0;
}

function describeKeys(keys: readonly VerifierKey[]): string {
  return keys.length === 0 ? 'nobody, as the file is' : 'a key that was given, or that signed the file';
}
