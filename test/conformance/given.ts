import type { Draft, Entry } from '../../lib/chain/entry';
import { GENESIS, type Head, link } from '../../lib/chain/link';
import { sha256 } from '../../lib/crypto/node';
import type { Session, Store } from '../../lib/store/store';

/** A store to be tested, with nothing in it. */
export interface MadeStore {
  store: Store;
  /** A session without a transaction. */
  session: Session;
}

export const NOW = '2026-11-22T00:00:00.000Z';

/** So many entries that hang together, behind a head. */
export function chain(
  tenantId: string,
  count: number,
  head: Head = GENESIS,
  change: (n: number) => Partial<Draft> = () => ({}),
): Entry[] {
  const entries: Entry[] = [];
  for (let n = head.seq + 1; n <= head.seq + count; n++) {
    const draft: Draft = {
      v: 1,
      tenantId,
      id: `e${n}`,
      occurredAt: NOW,
      actor: 'a',
      action: 'x',
      outcome: 'success',
      ...change(n),
    };
    entries.push(link(draft, entries.at(-1) ?? head, NOW, sha256));
  }
  return entries;
}

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
