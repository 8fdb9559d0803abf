import { changedPaths, type Document, omit, type PathTree, pick, type Serialize, treeOf } from './documents';
import { type AnySchema, hiddenTrees, pathsIn } from './hidden-paths';
import type { Change, ChangeOptions } from './options';

/** What of a model's documents is recorded. */
export class View {
  private readonly only: PathTree | null;
  private readonly except: readonly PathTree[];
  private readonly hidden: readonly PathTree[];
  /** The paths whose changes are named, and whose values are not recorded. */
  readonly unrecorded: readonly string[];

  constructor({ only, except = [] }: ChangeOptions, schemas: readonly AnySchema[]) {
    this.only = only ? treeOf(only) : null;
    this.except = except.length > 0 ? [treeOf(except)] : [];
    const hidden = hiddenTrees(schemas, only);
    this.unrecorded = pathsIn(hidden);
    this.hidden = this.unrecorded.length > 0 ? hidden : [];
  }

  /**
   * What became of a document; null when nothing did that is recorded. Paths that queries leave out are named when they have
   * changed, and their values are left out here, too.
   */
  change(before: Document | null, after: Document | null, serialize: Serialize): Change | null {
    if (!before && !after) return null;
    const [from, to] = [before && this.recorded(before), after && this.recorded(after)];
    const changed = changedPaths(from, to, serialize);
    if (before && after && changed.length === 0) return null;
    const kind = before ? (after ? 'update' : 'delete') : 'create';
    return { kind, before: from && omit(from, this.hidden), after: to && omit(to, this.hidden), changed };
  }

  /** What an event of a document as it is would hold of it; of a state that was recorded, what it would hold by now. */
  state(document: Document): Document {
    return omit(this.recorded(document), this.hidden);
  }

  private recorded(document: Document): Document {
    return this.only ? pick(document, this.only) : omit(document, this.except);
  }
}
