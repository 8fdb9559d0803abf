import { ChainCheck, type Reading } from '../chain/check';
import { type Entry, entryHash } from '../chain/entry';
import { AuditError } from '../errors';
import { EMPTY_ROOT, NODE_HASH, NOTE_CRYPTO } from '../note-crypto';
import { quote } from '../quote';
import { sha256 } from '../sha256';
import type { SigningKey } from '../signing-key';
import { checkpointText, originOf } from './checkpoint';
import type { CheckpointFile } from './checkpoint-file';
import { type Hash, isSameHash } from './hash';
import { bytesOfHex } from './hex';
import { inclusionRanges, verifyInclusion } from './proof';
import { isSignedByOneOf, type OpenedCheckpoint, readCheckpointOf } from './stored-head';
import { subtreesOf } from './subtree';
import type { Tile } from './tile';
import { TreeBuilder } from './tree-builder';
import { TreeNodes } from './tree-nodes';
import { type StatedTree, statedInSystem, type SystemChain } from './system-statement';
import type { StoredCheckpoint, TreeStore } from './tree-store';

/** The entries that a tree is made of. */
export interface LeafSource extends SystemChain {
  /** The entry with the highest `seq`. */
  head(tenantId: string): Promise<Reading | null>;
  /** Entries in the order of `seq`, from `min` on. */
  walk(query: { tenantId: string; seq?: { min: number; max: number } }): AsyncIterable<Iterable<Reading>>;
}

/** A tree at a size, and the checkpoint that states it. */
export interface Head extends StoredCheckpoint {
  size: number;
  root: Hash;
}

/** What a checkpointer works with. */
export interface CheckpointerParts {
  store: TreeStore & LeafSource;
  ledger: string;
  /** Without one checkpoints are unsigned. */
  key: SigningKey | null;
  /** Where copies are kept that who holds the database cannot reach. */
  file: CheckpointFile | null;
  /** Told of each new checkpoint. */
  published(tenantId: string, head: Head): Promise<void>;
  /** Told when a tree contradicts what was signed before. */
  contradicted(tenantId: string, error: AuditError): void;
}

/** An earlier checkpoint, read. */
interface Known {
  opened: OpenedCheckpoint;
  stored: StoredCheckpoint;
}

/** Tiles that are written at a time. */
const PORTION = 64;

/**
 * Makes checkpoints. A tree grows from the newest one, whose frontier is bound to a root that was signed, so that a
 * checkpoint costs what the entries since then cost, and states nothing that contradicts it.
 */
export class Checkpointer {
  constructor(private readonly parts: CheckpointerParts) {}

  /**
   * States the tree of all entries that are in the chain now.
   * @throws AuditError `UNREADABLE` when the entries are not those of an earlier checkpoint, or are no chain.
   */
  async checkpoint(tenantId: string): Promise<Head> {
    try {
      return await this.make(tenantId);
    } catch (error) {
      if (error instanceof Contradiction) this.parts.contradicted(tenantId, error);
      throw error;
    }
  }

  /** The newest checkpoint by this ledger's own key. */
  async newest(tenantId: string): Promise<Head | null> {
    const own = (await this.known(tenantId)).find(({ opened }) => this.isOwn(opened));
    return own ? headOf(own) : null;
  }

  /**
   * Makes all tiles anew from the entries: a checkpoint reads few of them, and does not come across each damage.
   * @throws AuditError `UNREADABLE` as `checkpoint`.
   */
  async rebuild(tenantId: string): Promise<void> {
    const pins = (await this.known(tenantId)).map(({ opened }) => opened);
    await this.rebuilt(tenantId, await this.end(tenantId), pins);
  }

  /** Whether this ledger's own key signed it; without a key, whether it is unsigned. */
  private isOwn(opened: OpenedCheckpoint): boolean {
    const { key } = this.parts;
    if (!key) return opened.note.signatures.length === 0;
    return isSignedByOneOf([key.verifierKey(opened.origin)], opened, NOTE_CRYPTO);
  }

  private async make(tenantId: string): Promise<Head> {
    const origin = originOf(this.parts.ledger, tenantId);
    const known = await this.known(tenantId);
    const pins = await this.pins(tenantId, origin, known);
    // After the pins are known: what another process has stated by then is in the chain by now.
    const end = await this.end(tenantId);
    const builder =
      (await this.extended(tenantId, end, known, pins)) ?? (await this.rebuilt(tenantId, end, pins));
    const own = known.find(({ opened }) => opened.size === builder.size && this.isOwn(opened));
    // The stored frontier may have been altered; the tree's own gives the root.
    if (own) return { ...headOf(own), frontier: builder.range.hashes };
    return this.publish(tenantId, origin, builder);
  }

  /** What was stated of the tree before, wherever it can be read. */
  private async pins(tenantId: string, origin: string, known: Known[]): Promise<StatedTree[]> {
    const { store, file } = this.parts;
    const copy = await file?.newest(origin);
    const stated = await statedInSystem(tenantId, store);
    return [...known.map(({ opened }) => opened), ...(copy ? [copy] : []), ...(stated ? [stated] : [])];
  }

  private async end(tenantId: string): Promise<number> {
    const head = await this.parts.store.head(tenantId);
    if (!head) return 0;
    if (head.seq !== null) return head.seq;
    const what = `a document without a place stands at the end of its chain`;
    throw new AuditError('UNREADABLE', `${noCheckpoint(tenantId)}: ${what}. Run verify.`);
  }

  /** The newest that can be read and, where that is by somebody else's key, the newest by this ledger's own. */
  private async known(tenantId: string): Promise<Known[]> {
    const origin = originOf(this.parts.ledger, tenantId);
    const known: Known[] = [];
    for await (const stored of this.parts.store.checkpoints(tenantId, 'desc')) {
      const opened = readCheckpointOf(origin, stored.note);
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
  private async extended(
    tenantId: string,
    end: number,
    known: Known[],
    pins: readonly StatedTree[],
  ): Promise<TreeBuilder | null> {
    const [newest] = known;
    if (!newest || !this.isOwn(newest.opened) || newest.opened.size === 0) return null;
    const { size, root } = newest.opened;
    if (
      size > end ||
      pins.some((pin) => pin.size > size || (pin.size === size && !isSameHash(pin.root, root)))
    )
      return null;
    const nodes = new TreeNodes(tenantId, size, this.parts.store, NODE_HASH);
    const builder = await resumed(newest, nodes);
    const last = builder && (await this.entryAt(tenantId, size));
    if (!last || !(await isLastLeaf(last, newest.opened, nodes))) return null;
    const check = new ChainCheck(tenantId, sha256, last);
    await this.grow(builder, tenantId, end, check, []);
    return builder;
  }

  /** The tree of all entries, read from the first one on. Tiles are written anew. */
  private async rebuilt(tenantId: string, end: number, pins: readonly StatedTree[]): Promise<TreeBuilder> {
    const builder = TreeBuilder.empty(NODE_HASH);
    await this.grow(builder, tenantId, end, new ChainCheck(tenantId, sha256), pins);
    const beyond = pins.find(({ size }) => size > builder.size);
    if (beyond)
      throw contradiction(tenantId, `it has ${builder.size} entries, where ${beyond.size} were stated`);
    return builder;
  }

  private async grow(
    builder: TreeBuilder,
    tenantId: string,
    end: number,
    check: ChainCheck,
    pins: readonly StatedTree[],
  ): Promise<void> {
    const { store } = this.parts;
    let full: Tile[] = [];
    assertPinned(builder, tenantId, pins);
    const seq = { min: builder.size + 1, max: end };
    if (seq.min > seq.max) return;
    for await (const readings of store.walk({ tenantId, seq })) {
      for (const reading of readings) {
        full.push(...builder.append(leafOf(tenantId, reading, check)));
        assertPinned(builder, tenantId, pins);
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

  private async publish(tenantId: string, origin: string, { range }: TreeBuilder): Promise<Head> {
    const { store, key, file } = this.parts;
    const root = range.root() ?? EMPTY_ROOT;
    const text = checkpointText({ origin, size: range.size, root });
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

/** The tree is not the one that was stated before. */
class Contradiction extends AuditError {}

function contradiction(tenantId: string, what: string): Contradiction {
  const subject = `The chain of the tenant ${quote(tenantId)} contradicts an earlier checkpoint`;
  return new Contradiction(
    'UNREADABLE',
    `${subject}: ${what}. Nothing is signed before that is explained: run verify.`,
  );
}

function headOf({ opened, stored }: Known): Head {
  return { ...stored, size: opened.size, root: opened.root };
}

/** The tree of a stored checkpoint, whose frontier gives its root. */
async function resumed({ opened, stored }: Known, nodes: TreeNodes): Promise<TreeBuilder | null> {
  const builder = await unlessMissing(TreeBuilder.resume(opened.size, stored.frontier, nodes, NODE_HASH));
  const root = builder?.range.root();
  return root && isSameHash(root, opened.root) ? builder : null;
}

/** Whether the chain still ends, at the size of a checkpoint, in the entry that was the last leaf then. */
async function isLastLeaf(
  entry: Entry,
  { size, root }: OpenedCheckpoint,
  nodes: TreeNodes,
): Promise<boolean> {
  const leaf = entryHash(entry, sha256);
  if (leaf !== entry.hash || entry.seq !== size) return false;
  const subtrees = inclusionRanges(size - 1, size).flatMap(subtreesOf);
  const proof = await unlessMissing(nodes.of(subtrees));
  return (
    proof !== null &&
    verifyInclusion({ index: size - 1, size, leaf: bytesOfHex(leaf), root, proof }, NODE_HASH)
  );
}

/** Null where tiles are missing: they can be made anew. */
async function unlessMissing<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof AuditError && error.code === 'UNREADABLE') return null;
    throw error;
  }
}

/** Entries are hashed again, and their links checked, when they enter the tree. */
function leafOf(tenantId: string, reading: Reading, check: ChainCheck): Hash {
  const [problem] = check.next(reading);
  if (!problem && reading.entry) return bytesOfHex(reading.entry.hash);
  const what = problem?.message ?? 'an entry cannot be read.';
  throw new AuditError('UNREADABLE', `${noCheckpoint(tenantId)}: ${what} Run verify.`);
}

function noCheckpoint(tenantId: string): string {
  return `No checkpoint of the tenant ${quote(tenantId)} can be made`;
}

function assertPinned({ range }: TreeBuilder, tenantId: string, pins: readonly StatedTree[]): void {
  for (const { size, root } of pins) {
    if (size === range.size && !isSameHash(range.root() ?? EMPTY_ROOT, root))
      throw contradiction(tenantId, `its first ${size} entries are not the ones that were stated`);
  }
}
