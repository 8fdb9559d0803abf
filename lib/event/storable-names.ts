import type { Secrets } from './secrets';

/** The names of an object as they can be stored. Never one for two: a taken name is followed by a number. */
export class StorableNames {
  private taken: Set<string> | null = null;
  /** The last number of each name, so that many names take no long search. */
  private readonly counts = new Map<string, number>();

  constructor(
    private readonly names: readonly string[],
    private readonly secrets: Secrets,
  ) {}

  /** The name under which to store the member `name`; asked once for each. */
  of(name: string): string {
    const plain = this.secrets.storedName(name);
    if (plain === name) return name;
    this.taken ??= new Set(this.names);
    let free = plain;
    for (let count = this.counts.get(plain) ?? 1; this.taken.has(free); free = `${plain}${count}`) {
      count++;
      this.counts.set(plain, count);
    }
    this.taken.add(free);
    return free;
  }
}
