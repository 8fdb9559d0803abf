import { ChainCheck, type Reading } from '../chain/chain-check';
import { type Entry, entryHash } from '../chain/entry';
import { sha256 } from '../crypto/node';
import { AuditError, isAuditError } from '../errors';
import type { CheckpointNote } from '../notes/checkpoint-note';
import { type ChainReads, readKnownHead, walkToEnd } from '../store/known-chain';
import type { TreeStore } from '../store/tree-store';
import { type Hash, isSameHash } from '../tree/hash';
import { inclusionRanges, verifyInclusion } from '../tree/proof';
import { splitIntoSubtrees } from '../tree/subtree';
import type { Tile } from '../tree/tile';
import { decodeHex } from '../util/hex';
import { quote } from '../util/quote';
import type { EarlierCheckpoint } from './earlier-checkpoints';
import { GrowingTree } from './growing-tree';
import { EMPTY_ROOT, TREE_NODE_HASH } from './tree-node-hash';
import { StoredTree } from './stored-tree';
import type { StatedTree } from './system-chain';

/** The entries that a tree is made of. */
export type LeafSource = ChainReads;

/** Tiles that are written at a time. */
const PORTION = 64;

/** Grows a tenant's tree from the entries of its chain, and compares it with what was stated of it. */
export class TreeGrowth {
  constructor(private readonly store: TreeStore & LeafSource) {}

  /**
   * The number of the last entry in the chain.
   * @param stated what was stated of it: that it is shorter is not believed before it is confirmed
   * @throws AuditError `ENTRY_ALTERED` when the last document has no number.
   */
  async readChainSize(tenantId: string, stated: readonly StatedTree[]): Promise<number> {
    const known = Math.max(0, ...stated.map(({ size }) => size));
    const head = await readKnownHead(tenantId, known, this.store);
    if (!head) return 0;
    if (head.seq !== null) return head.seq;
    const what = `a document without a place stands at the end of its chain`;
    throw new AuditError('ENTRY_ALTERED', `${noCheckpoint(tenantId)}: ${what}. Run verify.`);
  }

  /**
   * The tree grown from a checkpoint to the entry `end`. Null when what is stored does not fit, for whatever reason.
   * @param newest a checkpoint by the ledger's own key: an intruder chooses the tree of any other
   */
  async extend(
    tenantId: string,
    end: number,
    newest: EarlierCheckpoint,
    stated: readonly StatedTree[],
  ): Promise<GrowingTree | null> {
    const { size, root } = newest.opened;
    const isContradicted = stated.some(
      (other) => other.size > size || (other.size === size && !isSameHash(other.root, root)),
    );
    if (size === 0 || size > end || isContradicted) return null;
    const nodes = new StoredTree(tenantId, size, this.store, TREE_NODE_HASH);
    const tree = await resumeTree(newest, nodes);
    const last = tree && (await this.entryAt(tenantId, size));
    if (!last || !(await isLastLeaf(last, newest.opened, nodes))) return null;
    await this.grow(tree, tenantId, end, new ChainCheck(tenantId, sha256, last), []);
    return tree;
  }

  /**
   * The tree of all entries, read from the first one on. Tiles are written anew.
   * @throws AuditError `CHECKPOINT_CONTRADICTED`, `ENTRY_ALTERED`.
   */
  async rebuild(tenantId: string, end: number, stated: readonly StatedTree[]): Promise<GrowingTree> {
    const tree = GrowingTree.empty(TREE_NODE_HASH);
    await this.grow(tree, tenantId, end, new ChainCheck(tenantId, sha256), stated);
    const longer = stated.find(({ size }) => size > tree.size);
    if (longer)
      throw contradiction(tenantId, `it has ${tree.size} entries, where ${longer.size} were stated`);
    return tree;
  }

  private async grow(
    tree: GrowingTree,
    tenantId: string,
    end: number,
    check: ChainCheck,
    stated: readonly StatedTree[],
  ): Promise<void> {
    const { store } = this;
    let full: Tile[] = [];
    assertConsistent(tree, tenantId, stated);
    const seq = { min: tree.size + 1, max: end };
    if (seq.min > seq.max) return;
    for await (const readings of walkToEnd({ tenantId, seq, end }, store)) {
      for (const reading of readings) {
        full.push(...tree.append(checkedLeaf(tenantId, reading, check)));
        assertConsistent(tree, tenantId, stated);
      }
      if (full.length < PORTION) continue;
      await store.putTiles(tenantId, full);
      full = [];
    }
    if (full.length > 0) await store.putTiles(tenantId, full);
  }

  private async entryAt(tenantId: string, seq: number): Promise<Entry | null> {
    for await (const readings of this.store.walk({ tenantId, seq: { min: seq, max: seq } }))
      for (const { entry } of readings) return entry;
    return null;
  }
}

function contradiction(tenantId: string, what: string): AuditError {
  const subject = `The chain of the tenant ${quote(tenantId)} contradicts an earlier checkpoint`;
  return new AuditError(
    'CHECKPOINT_CONTRADICTED',
    `${subject}: ${what}. Nothing is signed before that is explained: run verify.`,
  );
}

/** The tree of a stored checkpoint, whose frontier gives its root. */
async function resumeTree(
  { opened, stored }: EarlierCheckpoint,
  nodes: StoredTree,
): Promise<GrowingTree | null> {
  const tree = await nullIfTilesMissing(
    GrowingTree.resume(opened.size, stored.frontier, nodes, TREE_NODE_HASH),
  );
  const root = tree?.range.root();
  return root && isSameHash(root, opened.root) ? tree : null;
}

/** Whether the chain still ends, at the size of a checkpoint, in the entry that was the last leaf then. */
async function isLastLeaf(entry: Entry, { size, root }: CheckpointNote, nodes: StoredTree): Promise<boolean> {
  const leaf = entryHash(entry, sha256);
  if (leaf !== entry.hash || entry.seq !== size) return false;
  const subtrees = inclusionRanges(size - 1, size).flatMap(splitIntoSubtrees);
  const proof = await nullIfTilesMissing(nodes.readRoots(subtrees));
  return (
    proof !== null &&
    verifyInclusion({ index: size - 1, size, leaf: decodeHex(leaf), root, proof }, TREE_NODE_HASH)
  );
}

/** Null where tiles are missing: they can be made anew. */
async function nullIfTilesMissing<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (isAuditError(error) && error.code === 'TREE_DAMAGED') return null;
    throw error;
  }
}

/** Entries are hashed again, and their links checked, when they enter the tree. */
function checkedLeaf(tenantId: string, reading: Reading, check: ChainCheck): Hash {
  const [problem] = check.next(reading);
  if (!problem && reading.entry) return decodeHex(reading.entry.hash);
  const what = problem?.message ?? 'an entry cannot be read.';
  throw new AuditError('ENTRY_ALTERED', `${noCheckpoint(tenantId)}: ${what} Run verify.`);
}

function noCheckpoint(tenantId: string): string {
  return `No checkpoint of the tenant ${quote(tenantId)} can be made`;
}

function assertConsistent({ range }: GrowingTree, tenantId: string, stated: readonly StatedTree[]): void {
  for (const { size, root } of stated) {
    if (size === range.size && !isSameHash(range.root() ?? EMPTY_ROOT, root))
      throw contradiction(tenantId, `its first ${size} entries are not the ones that were stated`);
  }
}
