import { ChainCheck, type Reading } from '../chain/chain-check';
import { type Entry, entryHash } from '../chain/entry';
import { AuditError, isAuditError } from '../errors';
import { quote } from '../util/quote';
import type { SigningKey } from './signing-key';
import { formatCheckpoint, checkpointOrigin } from '../notes/checkpoint';
import type { CheckpointCopies } from './copies-file';
import { type Hash, isSameHash } from '../tree/hash';
import { decodeHex } from '../util/hex';
import { inclusionRanges, verifyInclusion } from '../tree/proof';
import { isSignedByAny, type CheckpointNote, tryParseCheckpointNoteOf } from '../notes/checkpoint-note';
import { splitIntoSubtrees } from '../tree/subtree';
import type { Tile } from '../tree/tile';
import { GrowingTree } from './growing-tree';
import { StoredTree } from './stored-tree';
import { type StatedTree, readStatedTree, type SystemChain } from './system-chain';
import type { StoredCheckpoint, TreeStore } from '../store/tree-store';
import { EMPTY_ROOT, NODE_HASH } from './node-hash';
import { NODE_CRYPTO, sha256 } from '../crypto/node';

/** The entries that a tree is made of. */
export interface LeafSource extends SystemChain {
  /** The entry with the highest `seq`. */
  head(tenantId: string): Promise<Reading | null>;
  /** Entries in the order of `seq`, from `min` on. */
  walk(query: { tenantId: string; seq?: { min: number; max: number } }): AsyncIterable<Iterable<Reading>>;
}

/** A tree at a size, and the checkpoint that states it. */
export interface IssuedCheckpoint extends StoredCheckpoint {
  size: number;
  root: Hash;
}

/** What a checkpointer works with. */
export interface IssuerParts {
  store: TreeStore & LeafSource;
  ledger: string;
  /** Without one checkpoints are unsigned. */
  key: SigningKey | null;
  /** Where copies of checkpoints are kept, outside of the database. */
  file: CheckpointCopies | null;
  /** Told of each new checkpoint. */
  published(tenantId: string, head: IssuedCheckpoint): Promise<void>;
  /** Told when a tree contradicts what was signed before. */
  contradicted(tenantId: string, error: AuditError): void;
}

/** An earlier checkpoint, read. */
interface EarlierCheckpoint {
  opened: CheckpointNote;
  stored: StoredCheckpoint;
}

/** Tiles that are written at a time. */
const PORTION = 64;

/**
 * Makes checkpoints. A tree grows from the newest one, whose frontier is bound to a root that was signed, so that a
 * checkpoint costs what the entries since then cost, and states nothing that contradicts it.
 */
export class CheckpointIssuer {
  constructor(private readonly parts: IssuerParts) {}

  /**
   * States the tree of all entries that are in the chain now.
   * @throws AuditError `CHECKPOINT_CONTRADICTED` when the entries are not those of an earlier checkpoint, `ENTRY_ALTERED`
   * when they are no chain.
   */
  async issue(tenantId: string): Promise<IssuedCheckpoint> {
    try {
      return await this.issueChecked(tenantId);
    } catch (error) {
      if (isAuditError(error) && error.code === 'CHECKPOINT_CONTRADICTED')
        this.parts.contradicted(tenantId, error);
      throw error;
    }
  }

  /** The newest checkpoint by this ledger's own key. */
  async newest(tenantId: string): Promise<IssuedCheckpoint | null> {
    const own = (await this.readEarlier(tenantId)).find(({ opened }) => this.isOwn(opened));
    return own ? toIssuedCheckpoint(own) : null;
  }

  /**
   * Makes all tiles anew from the entries: a checkpoint reads few of them, and does not come across each damage.
   * @throws AuditError as `issue`.
   */
  async rebuild(tenantId: string): Promise<void> {
    const pins = (await this.readEarlier(tenantId)).map(({ opened }) => opened);
    await this.rebuildTree(tenantId, await this.readChainSize(tenantId), pins);
  }

  /** Whether this ledger's own key signed it; without a key, whether it is unsigned. */
  private isOwn(opened: CheckpointNote): boolean {
    const { key } = this.parts;
    if (!key) return opened.note.signatures.length === 0;
    return isSignedByAny([key.verifierKey(opened.origin)], opened, NODE_CRYPTO);
  }

  private async issueChecked(tenantId: string): Promise<IssuedCheckpoint> {
    const origin = checkpointOrigin(this.parts.ledger, tenantId);
    const known = await this.readEarlier(tenantId);
    const pins = await this.readStatedTrees(tenantId, origin, known);
    // After the pins are known: what another process has stated by then is in the chain by now.
    const end = await this.readChainSize(tenantId);
    const builder =
      (await this.extendTree(tenantId, end, known, pins)) ?? (await this.rebuildTree(tenantId, end, pins));
    const own = known.find(({ opened }) => opened.size === builder.size && this.isOwn(opened));
    // The stored frontier may have been altered; the tree's own gives the root.
    if (own) return { ...toIssuedCheckpoint(own), frontier: builder.range.hashes };
    return this.publish(tenantId, origin, builder);
  }

  /** What was stated of the tree before, wherever it can be read. */
  private async readStatedTrees(
    tenantId: string,
    origin: string,
    known: EarlierCheckpoint[],
  ): Promise<StatedTree[]> {
    const { store, file } = this.parts;
    const copy = await file?.newest(origin);
    const stated = await readStatedTree(tenantId, store);
    return [...known.map(({ opened }) => opened), ...(copy ? [copy] : []), ...(stated ? [stated] : [])];
  }

  private async readChainSize(tenantId: string): Promise<number> {
    const head = await this.parts.store.head(tenantId);
    if (!head) return 0;
    if (head.seq !== null) return head.seq;
    const what = `a document without a place stands at the end of its chain`;
    throw new AuditError('ENTRY_ALTERED', `${noCheckpoint(tenantId)}: ${what}. Run verify.`);
  }

  /** The newest that can be read and, where that is by somebody else's key, the newest by this ledger's own. */
  private async readEarlier(tenantId: string): Promise<EarlierCheckpoint[]> {
    const origin = checkpointOrigin(this.parts.ledger, tenantId);
    const known: EarlierCheckpoint[] = [];
    for await (const stored of this.parts.store.checkpoints(tenantId, 'desc')) {
      const opened = tryParseCheckpointNoteOf(origin, stored.note);
      if (!opened) continue;
      const own = this.isOwn(opened);
      if (known.length === 0 || own) known.push({ opened, stored });
      if (own) break;
    }
    return known;
  }

  /**
   * The tree grown from the newest checkpoint; null when what is stored does not fit it, whatever the reason. Only from
   * this ledger's own: of another, whoever planted it chose the tree, and this key would sign it unseen.
   */
  private async extendTree(
    tenantId: string,
    end: number,
    known: EarlierCheckpoint[],
    pins: readonly StatedTree[],
  ): Promise<GrowingTree | null> {
    const [newest] = known;
    if (!newest || !this.isOwn(newest.opened) || newest.opened.size === 0) return null;
    const { size, root } = newest.opened;
    if (
      size > end ||
      pins.some((pin) => pin.size > size || (pin.size === size && !isSameHash(pin.root, root)))
    )
      return null;
    const nodes = new StoredTree(tenantId, size, this.parts.store, NODE_HASH);
    const builder = await resumeTree(newest, nodes);
    const last = builder && (await this.entryAt(tenantId, size));
    if (!last || !(await isLastLeaf(last, newest.opened, nodes))) return null;
    const check = new ChainCheck(tenantId, sha256, last);
    await this.grow(builder, tenantId, end, check, []);
    return builder;
  }

  /** The tree of all entries, read from the first one on. Tiles are written anew. */
  private async rebuildTree(
    tenantId: string,
    end: number,
    pins: readonly StatedTree[],
  ): Promise<GrowingTree> {
    const builder = GrowingTree.empty(NODE_HASH);
    await this.grow(builder, tenantId, end, new ChainCheck(tenantId, sha256), pins);
    const beyond = pins.find(({ size }) => size > builder.size);
    if (beyond)
      throw contradiction(tenantId, `it has ${builder.size} entries, where ${beyond.size} were stated`);
    return builder;
  }

  private async grow(
    builder: GrowingTree,
    tenantId: string,
    end: number,
    check: ChainCheck,
    pins: readonly StatedTree[],
  ): Promise<void> {
    const { store } = this.parts;
    let full: Tile[] = [];
    assertConsistent(builder, tenantId, pins);
    const seq = { min: builder.size + 1, max: end };
    if (seq.min > seq.max) return;
    for await (const readings of store.walk({ tenantId, seq })) {
      for (const reading of readings) {
        full.push(...builder.append(checkedLeaf(tenantId, reading, check)));
        assertConsistent(builder, tenantId, pins);
      }
      if (full.length < PORTION) continue;
      await store.putTiles(tenantId, full);
      full = [];
    }
    if (full.length > 0) await store.putTiles(tenantId, full);
  }

  private async entryAt(tenantId: string, seq: number): Promise<Entry | null> {
    for await (const readings of this.parts.store.walk({ tenantId, seq: { min: seq, max: seq } }))
      for (const { entry } of readings) return entry;
    return null;
  }

  private async publish(tenantId: string, origin: string, { range }: GrowingTree): Promise<IssuedCheckpoint> {
    const { store, key, file } = this.parts;
    const root = range.root() ?? EMPTY_ROOT;
    const text = formatCheckpoint({ origin, size: range.size, root });
    const signed = key?.sign(text, origin);
    const stored = { note: signed?.note ?? text, keys: signed ? [signed.key] : [], frontier: range.hashes };
    const head = { ...stored, size: range.size, root };
    if (head.size === 0) return head; // of a tenant without entries there is nothing to keep
    await file?.append(head.note);
    await store.addCheckpoint(tenantId, head.size, stored);
    await this.parts.published(tenantId, head);
    return head;
  }
}

function contradiction(tenantId: string, what: string): AuditError {
  const subject = `The chain of the tenant ${quote(tenantId)} contradicts an earlier checkpoint`;
  return new AuditError(
    'CHECKPOINT_CONTRADICTED',
    `${subject}: ${what}. Nothing is signed before that is explained: run verify.`,
  );
}

function toIssuedCheckpoint({ opened, stored }: EarlierCheckpoint): IssuedCheckpoint {
  return { ...stored, size: opened.size, root: opened.root };
}

/** The tree of a stored checkpoint, whose frontier gives its root. */
async function resumeTree(
  { opened, stored }: EarlierCheckpoint,
  nodes: StoredTree,
): Promise<GrowingTree | null> {
  const builder = await nullIfTilesMissing(
    GrowingTree.resume(opened.size, stored.frontier, nodes, NODE_HASH),
  );
  const root = builder?.range.root();
  return root && isSameHash(root, opened.root) ? builder : null;
}

/** Whether the chain still ends, at the size of a checkpoint, in the entry that was the last leaf then. */
async function isLastLeaf(entry: Entry, { size, root }: CheckpointNote, nodes: StoredTree): Promise<boolean> {
  const leaf = entryHash(entry, sha256);
  if (leaf !== entry.hash || entry.seq !== size) return false;
  const subtrees = inclusionRanges(size - 1, size).flatMap(splitIntoSubtrees);
  const proof = await nullIfTilesMissing(nodes.readRoots(subtrees));
  return (
    proof !== null &&
    verifyInclusion({ index: size - 1, size, leaf: decodeHex(leaf), root, proof }, NODE_HASH)
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

function assertConsistent({ range }: GrowingTree, tenantId: string, pins: readonly StatedTree[]): void {
  for (const { size, root } of pins) {
    if (size === range.size && !isSameHash(range.root() ?? EMPTY_ROOT, root))
      throw contradiction(tenantId, `its first ${size} entries are not the ones that were stated`);
  }
}
