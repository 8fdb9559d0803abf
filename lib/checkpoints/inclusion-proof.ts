import type { Entry } from '../chain/entry';
import { AuditError } from '../errors';
import { quote } from '../util/quote';
import type { IssuedCheckpoint } from './issuer';
import { CompactRange } from '../tree/compact-range';
import { type Hash, isSameHash } from '../tree/hash';
import { decodeHex, encodeHex } from '../util/hex';
import { inclusionRanges, verifyInclusion } from '../tree/proof';
import { splitIntoSubtrees } from '../tree/subtree';
import { formatTlogProof } from '../notes/tlog-proof';
import { StoredTree } from './stored-tree';
import type { TreeStore } from '../store/tree-store';
import { TREE_NODE_HASH } from './tree-node-hash';

/** That an entry is in the tree of a checkpoint. */
export interface InclusionProof {
  tenantId: string;
  id: string;
  seq: number;
  /** The entry's hash: the leaf. */
  hash: string;
  /** Of the leaf, from 0. */
  index: number;
  /** Leaves of the tree. */
  size: number;
  /** RFC 6962 §2.1.1: hex hashes from the leaf's sibling up. */
  hashes: string[];
  /** The signed note. */
  checkpoint: string;
  /** All of it as a C2SP tlog-proof. */
  text: string;
}

/**
 * Proves that an entry is in the tree of a checkpoint, in at most two reads: what is right of the entry's own full
 * subtree is in the checkpoint's frontier.
 * @throws AuditError `ENTRY_ALTERED` when the entry is not the one that the checkpoint states, `TREE_DAMAGED`.
 */
export async function proveInclusion(
  entry: Entry,
  head: IssuedCheckpoint,
  store: TreeStore,
): Promise<InclusionProof> {
  const { tenantId, id, seq, hash } = entry;
  const { size, root, note } = head;
  const index = seq - 1;
  const nodes = new StoredTree(tenantId, size, store, TREE_NODE_HASH);
  const proof = await readSiblings(index, size, await readFrontier(head, nodes), nodes);
  if (!verifyInclusion({ index, size, leaf: decodeHex(hash), root, proof }, TREE_NODE_HASH)) {
    const what = `Entry ${seq} of the tenant ${quote(tenantId)} is not the one that the checkpoint of ${size} entries states`;
    throw new AuditError('ENTRY_ALTERED', `${what}, or its tree was damaged: run verify.`);
  }
  const text = formatTlogProof({ index, hashes: proof, checkpoint: note });
  return { tenantId, id, seq, hash, index, size, hashes: proof.map(encodeHex), checkpoint: note, text };
}

/** Roots of the largest full subtrees: the checkpoint's frontier, or where that was altered those of the stored tree. */
async function readFrontier(
  { size, root, frontier }: IssuedCheckpoint,
  nodes: StoredTree,
): Promise<readonly Hash[]> {
  const stated = CompactRange.from(size, frontier, TREE_NODE_HASH)?.root();
  return stated && isSameHash(stated, root)
    ? frontier
    : nodes.readRoots(splitIntoSubtrees({ begin: 0, end: size }));
}

/** Siblings within the leaf's own full subtree are read; the others come from the frontier. */
async function readSiblings(
  index: number,
  size: number,
  frontier: readonly Hash[],
  nodes: StoredTree,
): Promise<Hash[]> {
  const ranges = inclusionRanges(index, size).map(splitIntoSubtrees);
  const whole = splitIntoSubtrees({ begin: 0, end: size });
  const own = whole.findIndex(({ level, index: at }) => Math.floor(index / 2 ** level) === at);
  const within = whole[own]?.level ?? 0;
  const read = await nodes.readRoots(ranges.slice(0, within).flat());
  const others = ranges.slice(within).map((subtrees) => {
    const first = whole.findIndex(
      ({ level, index: at }) => level === subtrees[0]?.level && at === subtrees[0].index,
    );
    return mergeRoots(frontier.slice(first, first + subtrees.length));
  });
  return [...read, ...others].filter((hash) => hash !== null);
}

/** RFC 6962 §2.1: the hash of the tree whose largest full subtrees have these roots. */
function mergeRoots(hashes: readonly Hash[]): Hash | null {
  const last = hashes.at(-1);
  return last ? hashes.slice(0, -1).reduceRight((right, left) => TREE_NODE_HASH(left, right), last) : null;
}
