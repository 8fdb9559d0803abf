import type { Entry } from './entry';
import { GENESIS, type Head } from './link';

/**
 * How far a chain has been followed, and what its next entry must be like: its number, the hash that it links to, the
 * time before which it cannot have been recorded. A fault is told where it lies, not again in the entries behind it.
 */
export class ChainOrder {
  /** The highest number so far, of entries that were left out, too. */
  seq: number;
  /** Hashes that the next entry may link to; null where nobody can tell. */
  private links: string[] | null;
  private recordedAt: string;

  /** @param head behind which the chain is followed */
  constructor({ seq, hash, recordedAt }: Head = GENESIS) {
    this.seq = seq;
    this.links = [hash];
    this.recordedAt = recordedAt;
  }

  /** Goes on to the numbers from `first` to `last`. Gives what is missing before them, or null. */
  advance(first: number, last: number): { first: number; last: number } | null {
    const next = this.seq + 1;
    this.seq = last;
    if (first === next) return null;
    this.links = null;
    return { first: next, last: first - 1 };
  }

  /** Whether an entry links to what stands before it, as far as that is known. */
  isLinked({ prevHash }: Pick<Entry, 'prevHash'>): boolean {
    return this.links === null || this.links.includes(prevHash);
  }

  /** Whether an entry says that it was recorded before an entry in front of it. */
  isBackdated({ recordedAt }: Pick<Entry, 'recordedAt'>): boolean {
    return recordedAt < this.recordedAt;
  }

  /** One more hash that the next entry may link to: of a second entry with the same number. */
  allow(hash: string): void {
    this.links?.push(hash);
  }

  /**
   * What the next entry may link to: the hash of this one. An edited entry's successor may link to its hash as it was
   * or as it is; a transplant's linked to an entry that is gone, so nobody can tell.
   */
  setLinks(hashes: string[]): void {
    this.links = hashes.length > 0 ? hashes : null;
  }

  /** The time of an entry that is sound. */
  setTime({ recordedAt }: Pick<Entry, 'recordedAt'>): void {
    this.recordedAt = recordedAt;
  }
}

/** Entries by their numbers, as they stand in a sentence. */
export function describeRange(first: number, last: number, one = '', more = one): string {
  const text = first === last ? `Entry ${first} ${one}` : `Entries ${first} to ${last} ${more}`;
  return text.trimEnd();
}
