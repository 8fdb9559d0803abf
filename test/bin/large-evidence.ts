import { generateKeyPairSync } from 'node:crypto';
import { GENESIS, link } from '../../lib/chain/link';
import { EVIDENCE_FORMAT, type EvidenceRecord, recordText } from '../../lib/evidence/records';
import { formatCheckpoint, checkpointOrigin } from '../../lib/notes/checkpoint';
import { CompactRange } from '../../lib/tree/compact-range';
import { decodeHex } from '../../lib/util/hex';
import { SigningKey } from '../../lib/checkpoints/signing-key';
import { TREE_NODE_HASH } from '../../lib/checkpoints/tree-node-hash';
import { sha256 } from '../../lib/crypto/node';

const TIME = '2026-01-01T00:00:00.000Z';
const PADDING = 'x'.repeat(20_000);
const [ledger, tenantId] = ['audit.example.com', 'large'];

/** An evidence file of about so many bytes, and the key that verifies it. */
export function largeEvidence(bytes: number): { text: string; key: string } {
  const range = new CompactRange(TREE_NODE_HASH);
  const entries = entryTexts(Math.ceil(bytes / PADDING.length), range);
  const origin = checkpointOrigin(ledger, tenantId);
  const { note, key } = SigningKey.from(generateKeyPairSync('ed25519').privateKey)!.sign(
    formatCheckpoint({ origin, size: range.size, root: range.root()! }),
    origin,
  );
  const manifest: EvidenceRecord = {
    type: 'manifest',
    format: EVIDENCE_FORMAT,
    ledger,
    tenantId,
    exportedAt: TIME,
    filter: {},
    treeSize: range.size,
  };
  const checkpoint: EvidenceRecord = { type: 'checkpoint', note, keys: [key] };
  return { text: [recordText(manifest), ...entries, recordText(checkpoint), ''].join('\n'), key };
}

function entryTexts(count: number, range: CompactRange): string[] {
  let head = GENESIS;
  return Array.from({ length: count }, (_, i) => {
    const event = { v: 1, tenantId, id: `e${i}`, occurredAt: TIME, actor: 'u', action: 'a.b' } as const;
    const entry = link({ ...event, outcome: 'success', metadata: { PADDING } }, head, TIME, sha256);
    head = entry;
    range.append(decodeHex(entry.hash));
    return recordText({ type: 'entry', entry, hash: entry.hash });
  });
}
