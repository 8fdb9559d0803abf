import type { Problem, Reading } from '../chain/check';
import { isHash } from '../chain/entry';
import { CompactRange } from '../merkle/compact-range';
import { isSameHash } from '../merkle/hash';
import { bytesOfHex } from '../merkle/hex';
import { readCheckpointOf } from '../merkle/stored-head';
import { EMPTY_ROOT, NODE_HASH } from '../note-crypto';
import type { TreeStore } from '../merkle/tree-store';
import { type Anchor, ANCHORS } from '../vocabulary';
import { type Statement, statementOf, type Trust } from './statements';

/**
 * Grows a tree with a chain that is walked over, and compares it with what was stated of it. Entries enter it by the
 * hash that they have: whether their content gives it is the chain's own check.
 */
export class AnchorCheck {
  /** Null once the chain has a gap: nobody can tell any root behind it. */
  private range: CompactRange | null = new CompactRange(NODE_HASH);
  /** The next stored statement; null behind the last. */
  private stored: Statement | null = null;
  private readonly pending: Problem[] = [];
  private best: { anchor: Anchor; anchoredSize: number } = { anchor: 'none', anchoredSize: 0 };

  private constructor(
    private readonly checkpoints: AsyncIterator<Statement | Problem>,
    private readonly others: readonly Statement[],
  ) {}

  static async begin(
    tenantId: string,
    store: TreeStore,
    trust: Trust,
    others: readonly Statement[],
  ): Promise<AnchorCheck> {
    const newest = await newestSize(tenantId, store, trust);
    const check = new AnchorCheck(statements(tenantId, store, trust, newest), others);
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
    range.append(bytesOfHex(hash));
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
    let longest: Statement | null = null;
    const note = (statement: Statement) => {
      if (statement.size > size && statement.size > (longest?.size ?? 0)) longest = statement;
    };
    this.others.forEach(note);
    for (; this.stored; await this.advance()) note(this.stored);
    return [...this.pending.splice(0), ...truncated(longest, size)];
  }

  private held(statement: Statement): Problem[] {
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
        Statement | Problem,
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
    const opened = readCheckpointOf(origin, note);
    if (opened) return opened.size;
  }
  return 0;
}

async function* statements(
  tenantId: string,
  store: TreeStore,
  trust: Trust,
  newest: number,
): AsyncGenerator<Statement | Problem> {
  for await (const stored of store.checkpoints(tenantId, 'asc')) {
    const statement = statementOf(stored, trust);
    if (!('size' in statement) || statement.size <= newest) yield statement;
  }
}

function truncated(longest: Statement | null, size: number): Problem[] {
  if (!longest) return [];
  const message = `There are ${size} entries, where ${longest.where} states ${longest.size}: the end was cut off.`;
  return [{ kind: 'truncated', seq: size + 1, message }];
}
