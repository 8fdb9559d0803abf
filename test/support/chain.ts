import type { Connection, mongo } from 'mongoose';
import type { Audit, Entry } from '../../index';
import { link } from '../../lib/chain/link';
import { GENESIS } from '../../lib/chain/link';
import { decodeHex } from '../../lib/util/hex';
import { toDocument } from '../../models/store/write-document';
import { treeOf } from './naive-tree';
import { sha256 } from '../../lib/crypto/node';

/** Events that one batch takes at most. */
const PORTION = 10_000;

/** Records so many events of a tenant. */
export async function record(audit: Audit, tenantId: string, count: number): Promise<void> {
  for (let begin = 0; begin < count; begin += PORTION) {
    const batch = audit.batch();
    for (let n = begin; n < Math.min(count, begin + PORTION); n++)
      batch.event({ tenantId, actor: 'ann', action: 'org.member.invite', metadata: { n } });
    await batch.commit();
  }
}

/** The hashes of a chain as they are stored. */
export async function leavesOf(entries: mongo.Collection, tenantId: string): Promise<Uint8Array[]> {
  const documents = await entries
    .find({ tenantId }, { projection: { hash: 1 } })
    .sort({ seq: 1 })
    .toArray();
  return documents.map(({ hash }) => decodeHex(hash as string));
}

/** The root of a chain's first `size` entries, in hex. */
export async function rootOf(entries: mongo.Collection, tenantId: string, size: number): Promise<string> {
  return Buffer.from(treeOf(await leavesOf(entries, tenantId))(0, size)).toString('hex');
}

/** Edits entries as who holds the database would: all behind the first one are hashed and linked again. */
export async function rewrite(
  entries: mongo.Collection,
  chain: readonly Entry[],
  seq: number,
  change: Partial<Entry> = { actor: 'mallory' },
): Promise<void> {
  let head = chain[seq - 2] ?? (GENESIS as Entry);
  for (const { seq: _, hash: __, prevHash: ___, recordedAt, ...draft } of chain.slice(seq - 1)) {
    const forged = head.seq === seq - 1 ? { ...draft, ...change } : draft;
    head = link(forged, { ...head, recordedAt: '' }, recordedAt, sha256);
    await entries.replaceOne({ tenantId: draft.tenantId, seq: head.seq }, toDocument(head));
  }
}

/** Counts the commands that a connection sends, by name. The connection must monitor them. */
export function commandsOf(connection: Connection): { names: string[]; clear(): void } {
  const names: string[] = [];
  connection.getClient().on('commandStarted', ({ commandName }) => names.push(commandName));
  return { names, clear: () => names.splice(0) };
}
