import type { Problem, Reading } from '../chain/chain-check';
import { isHash } from '../chain/entry';
import { CompactRange } from '../tree/compact-range';
import { isSameHash } from '../tree/hash';
import { decodeHex } from '../util/hex';
import { tryParseCheckpointNoteOf } from '../notes/checkpoint-note';
import type { TreeStore } from '../store/tree-store';
import { type Anchor, ANCHORS } from '../vocabulary';
import { type TreeStatement, readStatement, type Trust } from './tree-statements';
import { EMPTY_ROOT, TREE_NODE_HASH } from '../checkpoints/tree-node-hash';

/**
 * Grows a tree with a chain that is walked over, and compares it with what was stated of it. Entries enter it by the
 * hash that they have: whether their content gives it is the chain's own check.
 */
export class AnchorCheck {
  /** Null once the chain has a gap: nobody can tell any root behind it. */
  private range: CompactRange | null = new CompactRange(TREE_NODE_HASH);
  /** The next stored statement; null behind the last. */
  private stored: TreeStatement | null = null;
  private readonly pending: Problem[] = [];
  private best: { anchor: Anchor; anchoredSize: number } = { anchor: 'none', anchoredSize: 0 };

  private constructor(
    private readonly checkpoints: AsyncIterator<TreeStatement | Problem>,
    private readonly others: readonly TreeStatement[],
    /** The size of the longest chain that was stated. */
    readonly longest: number,
  ) {}

  static async begin(
    tenantId: string,
    store: TreeStore,
    trust: Trust,
    others: readonly TreeStatement[],
  ): Promise<AnchorCheck> {
    const newest = await newestSize(tenantId, store, trust);
    const longest = Math.max(newest, ...others.map(({ size }) => size));
    const check = new AnchorCheck(statements(tenantId, store, trust, newest), others, longest);
    await check.advance();
    return check;
  }

  /** The strongest statement that the chain agrees with. */
  get result(): { anchor: Anchor; anchoredSize: number } {
    return this.best;
  }

  /** Takes the next entry. True when something was stated of the tree that ends with it. */
  next({ seq, hash }: Reading): boolean {
    const { range } = this;
    // A document without a place is the chain's own problem; it must not end the comparison.
    if (!range || seq === null || seq === range.size) return false;
    if (seq !== range.size + 1 || !isHash(hash)) {
      this.range = null;
      return false;
    }
    range.append(decodeHex(hash));
    return this.stored?.size === seq || this.others.some(({ size }) => size === seq);
  }

  /** Compares the tree as it is now with what was stated of it. */
  async compare(): Promise<Problem[]> {
    const size = this.range?.size ?? 0;
    const found = this.others.filter((other) => other.size === size).flatMap((other) => this.held(other));
    while (this.stored?.size === size) {
      found.push(...this.held(this.stored));
      await this.advance();
    }
    return [...this.pending.splice(0), ...found];
  }

  /** What was stated of a longer chain than there is. */
  async end(size: number): Promise<Problem[]> {
    let longest: TreeStatement | null = null;
    const note = (statement: TreeStatement) => {
      if (statement.size > size && statement.size > (longest?.size ?? 0)) longest = statement;
    };
    this.others.forEach(note);
    for (; this.stored; await this.advance()) note(this.stored);
    return [...this.pending.splice(0), ...truncated(longest, size)];
  }

  private held(statement: TreeStatement): Problem[] {
    const { size, root, where } = statement;
    if (!isSameHash(this.range?.root() ?? EMPTY_ROOT, root)) {
      const message = `The first ${size} entries are not those that ${where} states: they were rewritten.`;
      return [{ kind: 'rewritten', seq: size, message }];
    }
    const { anchor } = statement;
    const order = ANCHORS.indexOf(anchor) - ANCHORS.indexOf(this.best.anchor);
    if (anchor !== 'none' && (order < 0 || (order === 0 && size > this.best.anchoredSize)))
      this.best = { anchor, anchoredSize: size };
    return [];
  }

  private async advance(): Promise<void> {
    for (;;) {
      const { done, value } = (await this.checkpoints.next()) as IteratorResult<
        TreeStatement | Problem,
        undefined
      >;
      this.stored = !done && 'size' in value ? value : null;
      if (done || 'size' in value) return;
      this.pending.push(value);
    }
  }
}

/** The highest size that is stated now: later ones may be of entries that this walk leaves out. */
async function newestSize(tenantId: string, store: TreeStore, { origin }: Trust): Promise<number> {
  for await (const { note } of store.checkpoints(tenantId, 'desc')) {
    const opened = tryParseCheckpointNoteOf(origin, note);
    if (opened) return opened.size;
  }
  return 0;
}

async function* statements(
  tenantId: string,
  store: TreeStore,
  trust: Trust,
  newest: number,
): AsyncGenerator<TreeStatement | Problem> {
  for await (const stored of store.checkpoints(tenantId, 'asc')) {
    const statement = readStatement(stored, trust);
    if (!('size' in statement) || statement.size <= newest) yield statement;
  }
}

function truncated(longest: TreeStatement | null, size: number): Problem[] {
  if (!longest) return [];
  const message = `There are ${size} entries, where ${longest.where} states ${longest.size}: the end was cut off.`;
  return [{ kind: 'truncated', seq: size + 1, message }];
}
