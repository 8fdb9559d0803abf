import type { Api } from '../data/api';
import { asFailure } from '../data/failure';
import type { ProofAnswer } from './mark-types';

/** Proofs that are asked for at the same time. */
const AT_ONCE = 4;

/** An entry whose proof is wanted. */
export interface Wanted {
  seq: number;
  id: string;
}

/** Fetches proofs, a few at a time; what is not wanted any more is not asked for. */
export class ProofLoader {
  private wanted: Wanted[] = [];
  private readonly running = new Set<number>();

  constructor(
    private readonly api: Pick<Api, 'proof'>,
    private readonly answer: (seq: number, answer: ProofAnswer) => void,
  ) {}

  /** Replaces what is wanted. */
  want(wanted: readonly Wanted[]): void {
    this.wanted = wanted.filter(({ seq }) => !this.running.has(seq));
    this.start();
  }

  private start(): void {
    while (this.running.size < AT_ONCE) {
      const next = this.wanted.shift();
      if (!next) return;
      this.running.add(next.seq);
      void this.load(next);
    }
  }

  private async load({ seq, id }: Wanted): Promise<void> {
    const answer = await this.ask(id);
    this.running.delete(seq);
    this.answer(seq, answer);
    this.start();
  }

  private async ask(id: string): Promise<ProofAnswer> {
    try {
      return { result: 'text', text: await this.api.proof(id) };
    } catch (error) {
      const { status, code } = asFailure(error);
      if (status === 409) return { result: 'later' };
      // Neither an entry that is not the one which was signed, nor one whose proof goes through such an entry.
      return { result: code === 'ENTRY_ALTERED' || code === 'TREE_DAMAGED' ? 'refused' : 'unreachable' };
    }
  }
}
