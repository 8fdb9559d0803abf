import { splitIntoSubtrees } from '../../../lib/tree/subtree';
import type { Anchors } from './anchor';
import type { Hashed } from './hashed';
import type { CheckpointState, Fault, Mark, ProofAnswer, Unanchored } from './mark-types';

/** What is known of one entry. */
interface Known extends Hashed {
  /** The proven entry that this one is linked from, itself at best. */
  proof: { through: number; size: number } | null;
}

/** How the proof of an entry failed, for as long as it has that hash. */
interface Failed {
  hash: string;
  how: Fault | Unanchored;
}

/** Proofs that are remembered of entries which are not shown any more. */
const REMEMBERED = 5000;

/** Leaves of a full subtree that the server keeps together. */
const TILE = 256;

/**
 * What holds the entries that are loaded in place. A proof of one entry is one of all before it that are linked to
 * it: an entry that is in the signed tree names the hash of its predecessor. It says nothing of its successor, which
 * anybody could have linked to it.
 */
export class TrailCheck {
  private readonly known = new Map<number, Known>();
  private readonly proofs = new Map<number, { hash: string; size: number }>();
  private readonly failed = new Map<number, Failed>();
  private checkpoint: CheckpointState = { state: 'pending' };

  constructor(private readonly anchors: Anchors | null) {}

  get newest(): CheckpointState {
    return this.checkpoint;
  }

  /** Takes what is known of the newest checkpoint. What no checkpoint covered before may be covered now. */
  setCheckpoint(checkpoint: CheckpointState): void {
    const old = this.checkpoint;
    // What was refused is refused again until there is another tree.
    const isSame = old.state === 'signed' && checkpoint.state === 'signed' && old.size === checkpoint.size;
    this.checkpoint = checkpoint;
    for (const [seq, { how }] of this.failed)
      if (typeof how === 'string' && !(isSame && how === 'refused')) this.failed.delete(seq);
  }

  add(hashed: Hashed): void {
    if (this.known.has(hashed.seq)) return;
    const known: Known = { ...hashed, proof: null };
    this.known.set(hashed.seq, known);
    const proof = this.proofs.get(hashed.seq);
    const next = this.known.get(hashed.seq + 1);
    if (proof?.hash === hashed.hash) known.proof = { through: hashed.seq, size: proof.size };
    else if (next?.proof && isLinked(known, next)) known.proof = next.proof;
    if (known.proof && known.fault === null) this.spread(known);
    else known.proof = null;
    if (next && this.isRefused(next)) this.refuse(next);
    else if (this.isRefused(known)) this.refuse(known);
  }

  drop(seq: number): void {
    this.known.delete(seq);
  }

  /** The entries to ask proofs of so that all of these are proven: one for each run of linked ones. */
  wanted(seqs: readonly number[]): { seq: number; id: string }[] {
    const { checkpoint } = this;
    if (checkpoint.state !== 'signed') return [];
    const tops = new Map<number, string>();
    let bottom = Infinity;
    let top: Known | null = null;
    for (const seq of [...seqs].sort((a, b) => b - a)) {
      let at = this.provable(seq, checkpoint.size);
      if (!at || at.proof) continue;
      // Below the last one in the same run, the way up would be the same again.
      if (top && this.isRun(seq, bottom)) {
        bottom = seq;
        continue;
      }
      for (;;) {
        const next = this.provable(at.seq + 1, checkpoint.size);
        if (!next || !isLinked(at, next)) break;
        at = next;
      }
      [top, bottom] = [at, seq];
      tops.set(at.seq, at.id);
    }
    return [...tops].map(([seq, id]) => ({ seq, id }));
  }

  /** Takes what came of asking for a proof. */
  answer(seq: number, answer: ProofAnswer): void {
    const known = this.known.get(seq);
    if (!known) return;
    const how = this.judge(known, answer);
    if (typeof how === 'object' && 'size' in how) {
      if (this.proofs.size >= REMEMBERED) this.proofs.clear();
      this.proofs.set(seq, { hash: known.hash, size: how.size });
      known.proof = { through: seq, size: how.size };
      this.spread(known);
    } else this.failed.set(seq, { hash: known.hash, how });
    if (how === 'refused') this.refuse(known);
  }

  markOf(seq: number): Mark {
    const known = this.known.get(seq);
    if (!known) return { state: 'pending' };
    const faults = this.faultsOf(known);
    if (faults.length > 0) return { state: 'broken', faults };
    if (known.proof) return { state: 'checked', ...known.proof };
    return this.unproven(known);
  }

  private unproven({ seq, hash }: Known): Mark {
    const { checkpoint } = this;
    switch (checkpoint.state) {
      case 'pending':
        return checkpoint;
      case 'forged':
        return { state: 'broken', faults: [{ kind: 'note' }] };
      case 'absent':
        return { state: 'unanchored', reason: checkpoint.reason, size: 0 };
    }
    const { size } = checkpoint;
    if (seq > size) return { state: 'unanchored', reason: 'later', size };
    const failed = this.failed.get(seq);
    if (failed?.hash !== hash) return { state: 'pending' };
    // A proof that is wrong is among the faults.
    return typeof failed.how === 'string'
      ? { state: 'unanchored', reason: failed.how, size }
      : { state: 'pending' };
  }

  private faultsOf(known: Known): Fault[] {
    const { seq, hash, fault } = known;
    const failed = this.failed.get(seq);
    const faults: Fault[] = fault ? [{ kind: fault }] : [];
    if (failed?.hash === hash && typeof failed.how === 'object') faults.push(failed.how);
    const [before, after] = [this.known.get(seq - 1), this.known.get(seq + 1)];
    // Where two entries do not fit, the one that is proven is the right one. An altered one is marked as that.
    if (!known.proof && !fault && before && !before.fault && !isLinked(before, known))
      faults.push({ kind: 'before', seq: seq - 1, isProven: before.proof !== null });
    if (!known.proof && !fault && after && !after.fault && !isLinked(known, after))
      faults.push({ kind: 'after', seq: seq + 1, isProven: after.proof !== null });
    return faults;
  }

  private judge(known: Known, answer: ProofAnswer): Fault | Unanchored | { size: number } {
    switch (answer.result) {
      case 'text':
        return this.anchors?.prove(answer.text, known) ?? { kind: 'proof' };
      default:
        return answer.result;
    }
  }

  /** Marks all that a proven entry proves. */
  private spread(from: Known): void {
    let at = from;
    for (;;) {
      const before = this.known.get(at.seq - 1);
      if (!before || before.proof || before.fault || !isLinked(before, at)) return;
      before.proof = at.proof;
      at = before;
    }
  }

  /** Marks all that a refused entry is linked to in its part of the tree: their proofs go through the same hashes. */
  private refuse(from: Known): void {
    const { checkpoint } = this;
    if (checkpoint.state !== 'signed') return;
    const begin = partOf(from.seq, checkpoint.size);
    for (let at = from; at.seq > begin;) {
      const before = this.known.get(at.seq - 1);
      if (!before || before.proof || before.fault || !isLinked(before, at)) return;
      this.failed.set(before.seq, { hash: before.hash, how: 'refused' });
      at = before;
    }
  }

  private isRefused({ seq, hash }: Known): boolean {
    const failed = this.failed.get(seq);
    return failed?.hash === hash && failed.how === 'refused';
  }

  /** An entry whose proof could be asked for. */
  private provable(seq: number, size: number): Known | null {
    const known = this.known.get(seq);
    return known && known.fault === null && seq <= size && this.failed.get(seq)?.hash !== known.hash
      ? known
      : null;
  }

  private isRun(from: number, to: number): boolean {
    for (let seq = from; seq < to; seq++) {
      const [known, next] = [this.known.get(seq), this.known.get(seq + 1)];
      if (!known || !next || known.fault || !isLinked(known, next)) return false;
      // What has failed is the top of nothing.
      if (this.failed.has(seq + 1)) return false;
    }
    return true;
  }
}

/** The first entry whose proof in a tree of `size` needs the same hashes as that of `seq`. */
function partOf(seq: number, size: number): number {
  const parts = splitIntoSubtrees({ begin: 0, end: size });
  const own = parts.find(({ level, index }) => seq <= 2 ** level * (index + 1));
  const width = Math.min(TILE, 2 ** (own?.level ?? 0));
  return Math.floor((seq - 1) / width) * width + 1;
}

function isLinked(before: Hashed, after: Hashed): boolean {
  return after.prevHash === before.hash;
}
