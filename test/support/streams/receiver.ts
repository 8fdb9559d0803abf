import type { Entry } from '../../../lib/chain/entry';
import type { Delivery, Destination, Piece } from '../../../lib/streams/destination';

/** A system in this process that takes entries, and can be told to fail. */
export class Receiver implements Destination {
  readonly kind: string = 'receiver';
  readonly address = 'memory';
  readonly format = 'native' as const;
  readonly limits = { entries: 10, bytes: 100_000 };
  /** What arrived, in order, repetitions too. */
  readonly got: Entry[] = [];
  /** How many deliveries were tried. */
  tries = 0;
  /** What becomes of a delivery, unless it is taken. */
  answer: (pieces: readonly Piece[]) => Delivery | Promise<Delivery> = () => ({ result: 'taken' });

  encode({ entry }: { entry: Entry }): string {
    return JSON.stringify(entry);
  }

  async deliver(pieces: readonly Piece[]): Promise<Delivery> {
    this.tries++;
    const delivery = await this.answer(pieces);
    if (delivery.result !== 'taken') return delivery;
    const left = new Set([...(delivery.refused ?? []).map(({ index }) => index), ...(delivery.rest ?? [])]);
    for (const [index, { entry }] of pieces.entries()) if (!left.has(index)) this.got.push(entry);
    return delivery;
  }

  /** The numbers of a tenant's entries, in the order in which they came. */
  seqs(tenantId: string): number[] {
    return this.got.filter((entry) => entry.tenantId === tenantId).map(({ seq }) => seq);
  }
}

/** The numbers from 1 to `count`. */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
