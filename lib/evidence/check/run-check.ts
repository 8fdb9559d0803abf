import { describeRange } from '../../chain/chain-order';
import type { EntryRecord, EvidenceFilter, Omitted } from '../records';
import type { Problems } from './problems';

/**
 * Proves that an export by dates alone is complete (docs/formats.md §5.1 rule 5). Since `recordedAt` never decreases,
 * the entries between two instants are one run. The file also holds its two neighbours: the last entry before the first
 * instant, and the first one at or after the second. Without a neighbour, the run begins with entry 1, and reaches the
 * export's own entry. Its entries are one run, then, with nothing left out between; no more than its ends may lie outside.
 */
export class RunCheck {
  /** `seq` of the last entry so far. */
  private last = 0;
  /** Whether that one was recorded at or after the end of the dates: nothing may follow. */
  private hasEnded = false;
  /** The entries that were left out since. */
  private hole: { first: number; last: number } | null = null;

  constructor(
    private readonly filter: EvidenceFilter,
    private readonly problems: Problems,
  ) {}

  /** An entry, the export's own apart. */
  entry({ seq, recordedAt }: EntryRecord['entry']): void {
    const { from, to } = this.filter;
    const isBefore = from !== undefined && recordedAt < from;
    if (this.last === 0) this.begin(seq, isBefore);
    else {
      if (this.hole) this.missing(this.hole.first, this.hole.last, INSIDE);
      if (isBefore || this.hasEnded) addMismatch(this.problems, seq);
    }
    this.hole = null;
    this.last = seq;
    this.hasEnded = to !== undefined && recordedAt >= to;
  }

  omitted({ first, last }: Omitted): void {
    this.hole = { first: this.hole?.first ?? first, last };
  }

  /** @param next `seq` of the export's own entry; of the first entry behind the tree where the file has none */
  end(next: number): void {
    if (this.hasEnded || this.last + 1 >= next) return;
    this.missing(this.last + 1, next - 1, this.filter.to === undefined ? INSIDE : AT_THE_END);
  }

  private begin(seq: number, isBefore: boolean): void {
    if (isBefore || seq === 1) return;
    this.missing(1, seq - 1, this.filter.from === undefined ? INSIDE : AT_THE_BEGINNING);
  }

  private missing(first: number, last: number, why: string): void {
    this.problems.add('missing', first, `${describeRange(first, last, 'is', 'are')} left out, ${why}.`);
  }
}

const INSIDE = 'though the filter of the manifest takes in all at that place';
const AT_THE_BEGINNING = 'and no entry shows that they were recorded before the dates of the filter';
const AT_THE_END = 'and no entry shows that they were recorded after the dates of the filter';

/** An entry that the filter of the manifest does not let through, and that is no neighbour of the dates. */
export function addMismatch(problems: Problems, seq: number): void {
  problems.add('altered', seq, `Entry ${seq} does not match the filter that the manifest states.`);
}
