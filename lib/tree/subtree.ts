/** A full subtree: that of the 2^level leaves from `index` · 2^level on, counted from 0. A leaf has level 0. */
export interface Subtree {
  level: number;
  index: number;
}

/** Leaves from `begin` up to but without `end`, counted from 0. */
export interface LeafRange {
  begin: number;
  end: number;
}

/** The largest full subtrees that a run of leaves is made of, left to right. */
export function splitIntoSubtrees({ begin, end }: LeafRange): Subtree[] {
  const subtrees: Subtree[] = [];
  for (let at = begin; at < end;) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= end) level++;
    subtrees.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return subtrees;
}

/** The largest power of two that is smaller than `n`, which is 2 or more: where RFC 6962 §2.1 splits a tree of `n` leaves. */
export function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
