import type { Hash, NodeHash } from './hash';

/**
 * All that a tree needs to know of its leaves so far: the roots of its largest full subtrees, at most 53. Leaves and
 * subtrees are added at the right; equal neighbours merge, as in a binary counter.
 */
export class CompactRange {
  /** Leaves so far. */
  size = 0;
  private readonly subtrees: { level: number; hash: Hash }[] = [];

  constructor(private readonly node: NodeHash) {}

  /**
   * The range of the `size` leaves whose largest full subtrees have these roots, left to right; null when there are
   * not as many, or when no tree is of that size.
   */
  static from(size: number, hashes: readonly Hash[], node: NodeHash): CompactRange | null {
    if (!Number.isSafeInteger(size) || size < 0) return null;
    const range = new CompactRange(node);
    const levels = subtreeLevels(size);
    if (levels.length !== hashes.length) return null;
    levels.forEach((level, i) => range.append(hashes[i] as Hash, level));
    return range;
  }

  /** The roots of the largest full subtrees, left to right. */
  get hashes(): Hash[] {
    return this.subtrees.map(({ hash }) => hash);
  }

  /** Whether a full subtree of 2^level leaves may come next: it begins at a multiple of its size. */
  fits(level: number): boolean {
    return this.size % 2 ** level === 0;
  }

  /** Adds a leaf, or the root of a full subtree of 2^level leaves that fits. */
  append(hash: Hash, level = 0): void {
    this.size += 2 ** level;
    let merged = { level, hash };
    for (let last = this.subtrees.at(-1); last?.level === merged.level; last = this.subtrees.at(-1)) {
      this.subtrees.pop();
      merged = { level: merged.level + 1, hash: this.node(last.hash, merged.hash) };
    }
    this.subtrees.push(merged);
  }

  /** RFC 6962 §2.1: the hash of the tree; null for the empty one, whose hash is that of no bytes. */
  root(): Hash | null {
    const last = this.subtrees.at(-1);
    if (!last) return null;
    return this.subtrees.slice(0, -1).reduceRight((right, { hash }) => this.node(hash, right), last.hash);
  }
}

/** The levels of the largest full subtrees of a tree, left to right: the ones in its size's binary form. */
function subtreeLevels(size: number): number[] {
  const levels: number[] = [];
  for (let level = 0; 2 ** level <= size; level++)
    if (Math.floor(size / 2 ** level) % 2 === 1) levels.unshift(level);
  return levels;
}
