import type { MemberName } from './secrets';

/** The names that cannot be stored as they are, each as it can. Never one for two. */
export function storableNames(
  names: readonly string[],
  known: readonly MemberName[],
): Map<string, string> | null {
  if (known.every(({ stored }, at) => stored === names[at])) return null;
  const taken = new Set(names);
  const counts = new Map<string, number>();
  const storable = new Map<string, string>();
  for (const [at, { stored }] of known.entries()) {
    const name = names[at] as string;
    if (stored !== name) storable.set(name, freeName(stored, taken, counts));
  }
  return storable;
}

/** A taken name is followed by a number; `counts` has the last one of each, so that many names take no long search. */
function freeName(plain: string, taken: Set<string>, counts: Map<string, number>): string {
  let free = plain;
  for (let count = counts.get(plain) ?? 1; taken.has(free); free = `${plain}${count}`) {
    count++;
    counts.set(plain, count);
  }
  taken.add(free);
  return free;
}
