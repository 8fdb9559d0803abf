import { NODE_CRYPTO } from '../crypto/node';
import { checkpointOrigin } from '../notes/checkpoint';
import { type CheckpointNote, isSignedByAny, tryParseCheckpointNoteOf } from '../notes/checkpoint-note';
import type { StoredCheckpoint, TreeStore } from '../store/tree-store';
import type { VerifierKey } from '../notes/note';
import type { Anchor } from '../vocabulary';
import type { CheckpointCopies } from './copies-file';
import { Reopenings } from './reopening';
import type { SigningKey } from './signing-key';
import { readStatedTree, type StatedTree, type SystemChain } from './system-chain';

/** An earlier checkpoint, as it is stored and as it reads. */
export interface EarlierCheckpoint {
  opened: CheckpointNote;
  stored: StoredCheckpoint;
}

/** What earlier checkpoints are read from. */
export interface EarlierCheckpointsParts {
  store: TreeStore & SystemChain;
  ledger: string;
  /** Without a key checkpoints are unsigned. */
  key: SigningKey | null;
  /** Copies of checkpoints outside of the database. */
  file: CheckpointCopies | null;
}

/** What was stated of a tenant's tree before, wherever it can be read. */
export class EarlierCheckpoints {
  constructor(private readonly parts: EarlierCheckpointsParts) {}

  /**
   * The newest stored checkpoint that can be read and that no reopening has made void. If another key signed it, the newest one by this ledger's own key
   * follows.
   */
  async read(tenantId: string): Promise<EarlierCheckpoint[]> {
    const origin = checkpointOrigin(this.parts.ledger, tenantId);
    const earlier: EarlierCheckpoint[] = [];
    const reopenings = await Reopenings.read(tenantId, origin, this.keysOf(origin), this.parts.store);
    for await (const stored of this.parts.store.checkpoints(tenantId, 'desc')) {
      const opened = tryParseCheckpointNoteOf(origin, stored.note);
      if (!opened) continue;
      const own = this.isOwn(opened);
      if (reopenings.isVoid(opened, this.anchorOf(opened, own))) continue;
      if (earlier.length === 0 || own) earlier.push({ opened, stored });
      if (own) break;
    }
    return earlier;
  }

  /** All trees that a new one must contain: those of stored checkpoints, of the file's newest copy, and of the system chain. */
  async readStatedTrees(tenantId: string, earlier: readonly EarlierCheckpoint[]): Promise<StatedTree[]> {
    const { store, file, ledger } = this.parts;
    const origin = checkpointOrigin(ledger, tenantId);
    const keys = this.keysOf(origin);
    const copy = await file?.newest(origin);
    const told = await readStatedTree(tenantId, store, { origin, keys });
    const reopenings = told && (await Reopenings.read(tenantId, origin, keys, store));
    const stated = told && !reopenings?.isVoid(told, 'signed') ? [told] : [];
    return [...earlier.map(({ opened }) => opened), ...(copy ? [copy] : []), ...stated];
  }

  private keysOf(origin: string): VerifierKey[] {
    return this.parts.key ? [this.parts.key.verifierKey(origin)] : [];
  }

  private anchorOf({ note }: CheckpointNote, own: boolean): Anchor {
    if (note.signatures.length === 0) return 'unsigned';
    return own ? 'signed' : 'self-signed';
  }

  /** Whether this ledger's own key signed it; without a key, whether it is unsigned. */
  isOwn(opened: CheckpointNote): boolean {
    const { key } = this.parts;
    if (!key) return opened.note.signatures.length === 0;
    return isSignedByAny([key.verifierKey(opened.origin)], opened, NODE_CRYPTO);
  }
}
