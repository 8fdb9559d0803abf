import type { Connection } from 'mongoose';
import type { Draft, Entry } from '../../lib/chain/entry';
import { GENESIS, type Head, link } from '../../lib/chain/link';
import { MongoStore } from '../../models/store/mongo-store';
import { sha256 } from '../../lib/crypto/node';

const TIME = '2026-01-01T00:00:00.000Z';

/** Entries that are inserted at a time. */
const PORTION = 1_000;

/** What differs from entry to entry. */
type Change = (seq: number) => Partial<Draft>;

/** So many entries that hang together, behind the head of a chain. */
export function readyChain(
  tenantId: string,
  count: number,
  change: Change = noChange,
  head: Head = GENESIS,
): Entry[] {
  const entries: Entry[] = [];
  for (let seq = head.seq + 1; seq <= head.seq + count; seq++) {
    const draft: Draft = {
      v: 1,
      tenantId,
      id: `ready-${seq}`,
      occurredAt: TIME,
      actor: 'ann',
      action: 'org.member.invite',
      outcome: 'success',
      metadata: { n: seq - 1 },
      ...change(seq),
    };
    entries.push(link(draft, entries.at(-1) ?? head, TIME, sha256));
  }
  return entries;
}

/** Stores them as a ledger does, for tests of what is done with entries once they are there: none is recorded. */
export async function storeChain(
  connection: Connection,
  tenantId: string,
  count: number,
  change?: Change,
  head?: Head,
): Promise<Entry[]> {
  const store = new MongoStore(connection);
  await store.prepare();
  const entries = readyChain(tenantId, count, change, head);
  for (let at = 0; at < count; at += PORTION) await store.append(entries.slice(at, at + PORTION));
  return entries;
}

function noChange(): Partial<Draft> {
  return {};
}
