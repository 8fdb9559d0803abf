import type { Entry } from '../../../lib/chain/entry';
import type { NodeHash } from '../../../lib/tree/hash';
import type { Api, Session } from '../data/api';
import { Emitter } from '../data/emitter';
import { asFailure } from '../data/failure';
import { type Anchor, Anchors } from './anchor';
import { hashed } from './hashed';
import type { CheckpointState, Mark } from './mark-types';
import { type Change, type Memory, Pin } from './pin';
import { Portions } from './portions';
import { ProofLoader } from './proof-loader';
import { TrailCheck } from './trail-check';
import type { Crypto, Sha256 } from '../../../lib/crypto/ports';

/** What checking works with. */
export interface VerificationParts {
  api: Pick<Api, 'proof' | 'checkpoint'>;
  session: Session;
  sha256: Sha256;
  crypto: Crypto;
  node: NodeHash;
  memory: Memory | null;
  pause: () => Promise<void>;
}

/** Checks what is shown, while it is shown. */
export class Verification extends Emitter {
  /** What is not as it was on the visit before. */
  changes: Change[] = [];
  readonly anchors: Anchors | null;

  private readonly check: TrailCheck;
  private readonly portions: Portions<Entry>;
  private readonly loader: ProofLoader;
  private readonly pin: Pin | null;
  private visible: readonly number[] = [];
  private anchor: Anchor | null = null;
  /** Entries that were dropped before they were hashed are not hashed. */
  private readonly present = new Set<number>();

  constructor(private readonly parts: VerificationParts) {
    super();
    const { session, sha256, crypto, node, api } = parts;
    const { verifierKey, ledger, tenantId } = session;
    this.anchors = verifierKey === null ? null : new Anchors(ledger, tenantId, verifierKey, crypto, node);
    this.pin = new Pin(parts.memory, `${ledger}/${encodeURIComponent(tenantId.toWellFormed())}`);
    this.check = new TrailCheck(this.anchors);
    const work = (entry: Entry): void => {
      if (this.present.has(entry.seq)) this.check.add(hashed(entry, tenantId, sha256));
    };
    this.portions = new Portions(work, () => this.progressed(), parts.pause);
    this.loader = new ProofLoader(api, (seq, answer) => {
      this.check.answer(seq, answer);
      this.progressed();
    });
  }

  /** What is known of the newest checkpoint. */
  get checkpoint(): CheckpointState {
    return this.check.newest;
  }

  markOf(seq: number): Mark {
    return this.check.markOf(seq);
  }

  add(entries: readonly Entry[]): void {
    for (const { seq } of entries) this.present.add(seq);
    this.portions.add(entries);
  }

  drop(seqs: readonly number[]): void {
    for (const seq of seqs) {
      this.present.delete(seq);
      this.check.drop(seq);
    }
  }

  /** Says which entries somebody sees: proofs are asked for these alone. */
  show(seqs: readonly number[]): void {
    this.visible = seqs;
    this.loader.want(this.check.wanted(seqs));
  }

  /** Fetches the newest checkpoint. */
  async refresh(): Promise<void> {
    const state = await this.newest();
    this.check.setCheckpoint(state);
    this.compare();
    this.progressed();
  }

  /** Takes what is there now for what is right: somebody was told what has changed. */
  accept(): void {
    const { verifierKey } = this.parts.session;
    if (verifierKey !== null && this.anchor) this.pin?.remember(verifierKey, this.anchor);
    this.changes = [];
    this.changed();
  }

  private async newest(): Promise<CheckpointState> {
    const { session, api } = this.parts;
    if (!session.permissions.includes('verify')) return { state: 'absent', reason: 'permission' };
    if (!this.anchors) return { state: 'absent', reason: 'unsigned' };
    try {
      const anchor = this.anchors.open(await api.checkpoint());
      if (!anchor) return { state: 'forged' };
      this.anchor = anchor;
      return { state: 'signed', size: anchor.size };
    } catch (error) {
      const { status } = asFailure(error);
      if (status === 403) return { state: 'absent', reason: 'permission' };
      if (status === 404) return { state: 'absent', reason: 'none' };
      return this.anchor
        ? { state: 'signed', size: this.anchor.size }
        : { state: 'absent', reason: 'unreachable' };
    }
  }

  private compare(): void {
    const { checkpoint, parts, anchor } = this;
    const { verifierKey, permissions } = parts.session;
    const isKnown =
      checkpoint.state === 'signed' || (checkpoint.state === 'absent' && checkpoint.reason === 'none');
    // Without a checkpoint to compare, the key still is.
    if (!isKnown && verifierKey !== null && permissions.includes('verify')) return;
    if (!permissions.includes('verify')) return;
    this.changes = this.pin?.compare(verifierKey, anchor) ?? [];
    if (this.changes.length === 0 && verifierKey !== null && anchor) this.pin?.remember(verifierKey, anchor);
  }

  private progressed(): void {
    this.loader.want(this.check.wanted(this.visible));
    this.changed();
  }
}
