import type { Draft, Entry } from '../../../lib/chain/entry';
import { GENESIS, link } from '../../../lib/chain/link';
import { encodeBase64 } from '../../../lib/util/base64';
import { decodeHex } from '../../../lib/util/hex';
import { formatVerifierKey } from '../../../lib/notes/note';
import { formatTlogProof } from '../../../lib/notes/tlog-proof';
import { SigningKey } from '../../../lib/checkpoints/signing-key';
import { Anchors } from '../../../viewer/page/check/anchor';
import { type Hashed, hashed } from '../../../viewer/page/check/hashed';
import { pathOf, treeOf } from '../../support/naive-tree';
import { LEDGER, newKey } from '../../support/signing';
import { TREE_NODE_HASH } from '../../../lib/checkpoints/tree-node-hash';
import { NODE_CRYPTO, sha256 } from '../../../lib/crypto/node';

export const TENANT = 'acme';
export const ORIGIN = `${LEDGER}/${TENANT}`;

/** A chain of so many entries, the oldest first. */
export function chainOf(count: number): Entry[] {
  const chain: Entry[] = [];
  let head = GENESIS;
  for (let n = 1; n <= count; n++) {
    const now = new Date(Date.UTC(2026, 10, 22, 0, 0, n)).toISOString();
    const draft: Draft = {
      v: 1,
      tenantId: TENANT,
      id: `id-${n}`,
      occurredAt: now,
      actor: 'ann',
      action: 'org.member.invite',
      outcome: 'success',
    };
    const entry = link(draft, head, now, sha256);
    chain.push(entry);
    head = entry;
  }
  return chain;
}

/** Signs checkpoints of a chain, and proves its entries. */
export class Signer {
  private readonly key = SigningKey.from(newKey())!;
  private readonly tree;

  constructor(chain: readonly Entry[]) {
    this.tree = treeOf(chain.map(({ hash }) => decodeHex(hash)));
  }

  get verifierKey(): string {
    return formatVerifierKey(this.key.verifierKey(ORIGIN));
  }

  note(size: number, origin = ORIGIN): string {
    return this.key.sign(`${origin}\n${size}\n${encodeBase64(this.tree(0, size))}\n`, origin).note;
  }

  proof(seq: number, size: number, checkpoint = this.note(size)): string {
    return formatTlogProof({ index: seq - 1, hashes: pathOf(this.tree, seq - 1, 0, size), checkpoint });
  }

  anchors(verifierKey = this.verifierKey): Anchors {
    return new Anchors(LEDGER, TENANT, verifierKey, NODE_CRYPTO, TREE_NODE_HASH);
  }
}

export const hashedOf = (entry: Entry): Hashed => hashed(entry, TENANT, sha256);

/** What tampering with the database makes of an entry: its content changes, and its hash with it. */
export function rehashed(entry: Entry, change: Partial<Entry>): Entry {
  const { seq, hash: _, prevHash, recordedAt, ...draft } = { ...entry, ...change };
  return link(draft, { seq: seq - 1, hash: prevHash, recordedAt: '' }, recordedAt, sha256);
}
