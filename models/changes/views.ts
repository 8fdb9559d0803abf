import { changedPaths, type Document, omit, type PathTree, pick, type Serialize, treeOf } from './documents';
import { type AnySchema, hiddenPaths } from './hidden-paths';
import type { Change, ChangeOptions } from './options';

/** What of a model's documents is recorded. */
export class View {
  private readonly only: PathTree | null;
  private readonly except: PathTree;
  private readonly hidden: PathTree;
  private readonly hiddenNames: readonly string[];

  constructor({ only, except = [] }: ChangeOptions, schemas: readonly AnySchema[]) {
    this.only = only ? treeOf(only) : null;
    this.except = treeOf(except);
    const isNamed = (path: string) =>
      only?.some((name) => name === path || name.startsWith(`${path}.`)) === true;
    this.hiddenNames = hiddenPaths(schemas).filter((path) => !isNamed(path));
    this.hidden = treeOf(this.hiddenNames);
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

  /** The paths whose changes are named, and whose values are not recorded. */
  get unrecorded(): readonly string[] {
    return this.hiddenNames;
  }

  private recorded(document: Document): Document {
    return this.only ? pick(document, this.only) : omit(document, this.except);
  }
}
