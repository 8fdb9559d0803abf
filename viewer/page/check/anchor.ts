import { checkpointOrigin } from '../../../lib/notes/checkpoint';
import { type Hash, isSameHash, type NodeHash } from '../../../lib/tree/hash';
import { decodeHex } from '../../../lib/util/hex';
import type { VerifierKey } from '../../../lib/notes/note';
import { verifyInclusion } from '../../../lib/tree/proof';
import { isSignedByAny, parseValidKeys, tryParseCheckpointNoteOf } from '../../../lib/notes/checkpoint-note';
import { parseTlogProof, type TlogProof } from '../../../lib/notes/tlog-proof';
import type { Hashed } from './hashed';
import type { Crypto } from '../../../lib/crypto/ports';

/** A checkpoint whose signature is right. */
export interface Anchor {
  size: number;
  root: Hash;
  note: string;
}

/** Notes whose signatures are remembered: all proofs of a moment have the same. */
const REMEMBERED = 20;

/** Checks checkpoints and proofs of one trail with the key of its ledger. */
export class Anchors {
  readonly origin: string;
  readonly key: VerifierKey | null;
  private readonly opened = new Map<string, Anchor | null>();
  /** The root that was signed for a size: two for one size would be two histories. */
  private readonly roots = new Map<number, Hash>();

  constructor(
    ledger: string,
    tenantId: string,
    verifierKey: string,
    private readonly crypto: Crypto,
    private readonly node: NodeHash,
  ) {
    this.origin = checkpointOrigin(ledger, tenantId.toWellFormed());
    this.key = parseValidKeys([verifierKey], crypto)[0] ?? null;
  }

  /** The checkpoint of a note that the key has signed for this trail; null for any other note. */
  open(note: string): Anchor | null {
    const known = this.opened.get(note);
    if (known !== undefined) return known;
    const anchor = this.read(note);
    if (this.opened.size >= REMEMBERED) this.opened.clear();
    this.opened.set(note, anchor);
    return anchor;
  }

  /** The checkpoint that a proof shows an entry to be in; null when it does not. */
  prove(text: string, { seq, hash }: Pick<Hashed, 'seq' | 'hash'>): Anchor | null {
    const proof = parsed(text);
    const anchor = proof && this.open(proof.checkpoint);
    if (proof?.index !== seq - 1 || !anchor) return null;
    const { size, root } = anchor;
    const claim = { index: proof.index, size, leaf: decodeHex(hash), root, proof: proof.hashes };
    return verifyInclusion(claim, this.node) ? anchor : null;
  }

  private read(note: string): Anchor | null {
    const head = tryParseCheckpointNoteOf(this.origin, note);
    if (!head || !this.key || !isSignedByAny([this.key], head, this.crypto)) return null;
    const { size, root } = head;
    const known = this.roots.get(size) ?? root;
    this.roots.set(size, known);
    return isSameHash(known, root) ? { size, root, note } : null;
  }
}

function parsed(text: string): TlogProof | null {
  try {
    return parseTlogProof(text);
  } catch {
    return null; // not a proof at all: it proves nothing
  }
}
