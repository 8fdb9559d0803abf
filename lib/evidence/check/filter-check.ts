import { canonicalize } from '../../chain/canonical';
import type { Problems } from './problems';
import {
  type EntryRecord,
  type EvidenceFilter,
  EXPORT_ACTION,
  type Manifest,
  type Omitted,
  statementText,
} from '../records';
import { describeRange } from '../../chain/chain-order';

type ExportedEntry = EntryRecord['entry'];

/** Whether an export with this filter has this entry: that is what `list` gives. Instants compare as texts. */
export function isMatch(filter: EvidenceFilter, entry: ExportedEntry): boolean {
  const { actor, action, resource, outcome, from, to } = filter;
  return (
    (actor === undefined || entry.actor === actor) &&
    (action === undefined || isNamed(action, entry.action)) &&
    (resource === undefined || entry.resource === resource) &&
    (outcome === undefined || entry.outcome === outcome) &&
    (from === undefined || entry.recordedAt >= from) &&
    (to === undefined || entry.recordedAt < to)
  );
}

function isNamed(filter: string, action: string): boolean {
  return filter.endsWith('*') ? action.startsWith(filter.slice(0, -1)) : action === filter;
}

/** What a file says that it holds: all entries, all between two instants, or some of them. */
export type FileScope = 'complete' | 'range' | 'filtered';

export function filterScope({ from, to, ...others }: EvidenceFilter): FileScope {
  if (Object.keys(others).length > 0) return 'filtered';
  return from === undefined && to === undefined ? 'complete' : 'range';
}

/**
 * Holds the entries of a file to the filter of its manifest, and looks for the entry that states the filter
 * (docs/formats.md §5.1 rule 5).
 *
 * Since `recordedAt` never decreases, the entries between two instants are one run, which begins with the first entry
 * of all when no `from` is given, and goes on to the export's own entry when no `to` is.
 */
export class FilterCheck {
  /** `seq` of the first and the last entry that match. */
  first: number | null = null;
  last: number | null = null;
  /** `seq` of the export's own entry, whose metadata is the manifest. */
  statement: number | null = null;
  readonly scope: FileScope;

  private readonly stated: string;
  /** The first entries that were left out since the run began. */
  private hole: Omitted | null = null;

  constructor(
    private readonly manifest: Manifest,
    private readonly problems: Problems,
  ) {
    this.stated = statementText(manifest);
    this.scope = filterScope(manifest.filter);
  }

  entry(entry: ExportedEntry): void {
    const isMatching = isMatch(this.manifest.filter, entry);
    if (this.isStatement(entry)) this.statement ??= entry.seq;
    else if (!isMatching) this.mismatch(entry.seq);
    if (!isMatching) return;
    this.closeHole();
    this.first ??= entry.seq;
    this.last = entry.seq;
  }

  omitted(omitted: Omitted): void {
    const hasBegun = this.first !== null || this.manifest.filter.from === undefined;
    if (hasBegun && this.scope !== 'filtered') this.hole ??= omitted;
  }

  /** What was recorded while the export was under way is not part of it. */
  end(): void {
    const isLater = this.statement !== null && this.hole !== null && this.hole.first > this.statement;
    if (this.manifest.filter.to === undefined && !isLater) this.closeHole();
  }

  private isStatement({ action, metadata }: ExportedEntry): boolean {
    return action === EXPORT_ACTION && metadata !== undefined && canonicalize(metadata) === this.stated;
  }

  private mismatch(seq: number): void {
    this.problems.add('altered', seq, `Entry ${seq} does not match the filter that the manifest states.`);
  }

  private closeHole(): void {
    if (!this.hole) return;
    const { first, last } = this.hole;
    this.hole = null;
    const left = describeRange(first, last, 'is', 'are');
    this.problems.add(
      'missing',
      first,
      `${left} left out, though the filter of the manifest takes in all at that place.`,
    );
  }
}
