import type { Head } from '../chain/link';

/** Conflicts in a row behind the same entry after which it is no other writer who is faster. */
const MOST = 20;

/** Notices that inserts are refused again and again though nobody else writes: an index that nobody expects, for one. */
export class Standstill {
  private hash: string | null = null;
  private count = 0;

  /** An insert behind `head` was in conflict. True when so many were that something else is wrong. */
  conflict(head: Head | null): boolean {
    this.count = head !== null && head.hash === this.hash ? this.count + 1 : 1;
    this.hash = head?.hash ?? null;
    return this.count >= MOST;
  }

  /** An insert was taken. */
  end(): void {
    this.count = 0;
  }
}
