import { type Draft, type Entry, entryHash } from './entry';
import type { Sha256 } from '../crypto/ports';

/** The end of a chain: all that the next entry needs to know of its predecessor. */
export type Head = Pick<Entry, 'seq' | 'hash' | 'recordedAt'>;

/** The head of an empty chain: the first entry links to 64 zeros. */
export const GENESIS: Head = { seq: 0, hash: '0'.repeat(64), recordedAt: '' };

/** Puts a draft behind `head`. `now` is the writer's clock, an ISO string; a chain's time never goes back. */
export function link(draft: Draft, head: Head, now: string, sha256: Sha256): Entry {
  // Not `{ ...draft }`: V8 gives what is added to that a shape of its own each time, which takes ten times as long.
  const entry = {} as Record<string, unknown> & Entry;
  for (const name of Object.keys(draft) as (keyof Draft)[]) entry[name as string] = draft[name];
  entry.seq = head.seq + 1;
  entry.recordedAt = now > head.recordedAt ? now : head.recordedAt;
  entry.prevHash = head.hash;
  entry.hash = entryHash(entry, sha256);
  return entry;
}
