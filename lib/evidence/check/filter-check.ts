import { canonicalize } from '../../chain/canonical';
import type { Problems } from './problems';
import {
  type EntryRecord,
  type EvidenceFilter,
  EXPORT_ACTION,
  type FileScope,
  filterScope,
  type Manifest,
  type Omitted,
  statementText,
} from '../records';
import { addMismatch, RunCheck } from './run-check';

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

/**
 * Holds the entries of a file to the filter of its manifest, and looks for the entry that states the filter
 * (docs/formats.md §5.1 rule 5).
 */
export class FilterCheck {
  /** `seq` of the first and the last entry that match. */
  first: number | null = null;
  last: number | null = null;
  /** Entries that match, the export's own apart. */
  matchCount = 0;
  /** `seq` of the export's own entry, whose metadata is the manifest: of several that say the same, the last. */
  statement: number | null = null;
  readonly scope: FileScope;

  private readonly stated: string;
  private readonly run: RunCheck | null;
  /** What states the filter, if no other entry does behind it. */
  private held: ExportedEntry | null = null;
  /** The first entry behind the export's own. */
  private later: number | null = null;

  constructor(
    private readonly manifest: Manifest,
    private readonly problems: Problems,
  ) {
    this.stated = statementText(manifest);
    this.scope = filterScope(manifest.filter);
    this.run = this.scope === 'filtered' ? null : new RunCheck(manifest.filter, problems);
  }

  entry(entry: ExportedEntry): void {
    if (isMatch(this.manifest.filter, entry)) {
      this.first ??= entry.seq;
      this.last = entry.seq;
    }
    if (this.held) this.exported(this.held);
    this.held = null;
    if (this.isStatement(entry)) {
      this.held = entry;
      this.statement = entry.seq;
      this.later = null;
      return;
    }
    if (this.statement !== null) this.later ??= entry.seq;
    this.exported(entry);
  }

  omitted(omitted: Omitted): void {
    this.run?.omitted(omitted);
  }

  /** @param size entries that the records of the file cover */
  end(size: number): void {
    if (this.later !== null)
      this.problems.add(
        'altered',
        this.later,
        `Entry ${this.later} was recorded after the export, which never holds such entries.`,
      );
    this.run?.end(this.statement ?? size + 1);
  }

  /** An entry that is there because it was asked for. */
  private exported(entry: ExportedEntry): void {
    const isMatching = isMatch(this.manifest.filter, entry);
    if (isMatching) this.matchCount++;
    if (this.run) this.run.entry(entry);
    else if (!isMatching) addMismatch(this.problems, entry.seq);
  }

  private isStatement({ action, metadata }: ExportedEntry): boolean {
    return action === EXPORT_ACTION && metadata !== undefined && canonicalize(metadata) === this.stated;
  }
}
