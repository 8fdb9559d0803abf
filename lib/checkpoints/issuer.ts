import { type AuditError, isAuditError } from '../errors';
import { checkpointOrigin, formatCheckpoint } from '../notes/checkpoint';
import type { StoredCheckpoint, TreeStore } from '../store/tree-store';
import type { Hash } from '../tree/hash';
import {
  type EarlierCheckpoint,
  EarlierCheckpoints,
  type EarlierCheckpointsParts,
} from './earlier-checkpoints';
import type { GrowingTree } from './growing-tree';
import { EMPTY_ROOT } from './tree-node-hash';
import { type LeafSource, TreeGrowth } from './tree-growth';
import type { SystemChain } from './system-chain';

/** A tree at a size, and the checkpoint that states it. */
export interface IssuedCheckpoint extends StoredCheckpoint {
  size: number;
  root: Hash;
}

/** What an issuer works with. */
export interface IssuerParts extends EarlierCheckpointsParts {
  store: TreeStore & LeafSource & SystemChain;
  /** Told of each new checkpoint. */
  published(tenantId: string, head: IssuedCheckpoint): Promise<void>;
  /** Told when a tree contradicts what was signed before. */
  contradicted(tenantId: string, error: AuditError): void;
}

/**
 * Issues checkpoints. A tree grows from the newest one, whose frontier is bound to a root that was signed. So a
 * checkpoint costs what the entries since then cost, and states nothing that contradicts the one before.
 */
export class CheckpointIssuer {
  private readonly earlier: EarlierCheckpoints;
  private readonly growth: TreeGrowth;

  constructor(private readonly parts: IssuerParts) {
    this.earlier = new EarlierCheckpoints(parts);
    this.growth = new TreeGrowth(parts.store);
  }

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
    const own = (await this.earlier.read(tenantId)).find(({ opened }) => this.earlier.isOwn(opened));
    return own ? toIssuedCheckpoint(own) : null;
  }

  /**
   * Makes all tiles anew from the entries: a checkpoint reads few of them, and does not come across each damage.
   * @throws AuditError as `issue`.
   */
  async rebuild(tenantId: string): Promise<void> {
    const stated = (await this.earlier.read(tenantId)).map(({ opened }) => opened);
    await this.growth.rebuild(tenantId, await this.growth.readChainSize(tenantId, stated), stated);
  }

  private async issueChecked(tenantId: string): Promise<IssuedCheckpoint> {
    const earlier = await this.earlier.read(tenantId);
    const stated = await this.earlier.readStatedTrees(tenantId, earlier);
    // After that: what another process has stated by then is in the chain by now.
    const end = await this.growth.readChainSize(tenantId, stated);
    const [newest] = earlier;
    const extended =
      newest && this.earlier.isOwn(newest.opened)
        ? await this.growth.extend(tenantId, end, newest, stated)
        : null;
    const tree = extended ?? (await this.growth.rebuild(tenantId, end, stated));
    const own = earlier.find(({ opened }) => opened.size === tree.size && this.earlier.isOwn(opened));
    // The stored frontier may have been altered; the tree's own gives the root.
    if (own) return { ...toIssuedCheckpoint(own), frontier: tree.range.hashes };
    return this.publish(tenantId, tree);
  }

  private async publish(tenantId: string, { range }: GrowingTree): Promise<IssuedCheckpoint> {
    const { store, ledger, key, file } = this.parts;
    const origin = checkpointOrigin(ledger, tenantId);
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

function toIssuedCheckpoint({ opened, stored }: EarlierCheckpoint): IssuedCheckpoint {
  return { ...stored, size: opened.size, root: opened.root };
}
