import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type Draft, type Entry } from '../../lib/chain/entry';
import type { Json } from '../../lib/chain/json';
import { GENESIS, type Head, link } from '../../lib/chain/link';
import { createEncoder } from '../../lib/evidence/write/encoder';
import { isMatch } from '../../lib/evidence/check/filter-check';
import {
  type CheckpointRecord,
  EVIDENCE_FORMAT,
  type EvidenceFilter,
  type EvidenceFormat,
  type EvidenceRecord,
  filterScope,
  type Manifest,
} from '../../lib/evidence/records';
import { formatCheckpoint, checkpointOrigin } from '../../lib/notes/checkpoint';
import { CompactRange } from '../../lib/tree/compact-range';
import { nodeHash } from '../../lib/tree/hash';
import { decodeHex, encodeHex } from '../../lib/util/hex';
import { formatNote, formatVerifierKey, verifierKey } from '../../lib/notes/note';
import { splitIntoSubtrees } from '../../lib/tree/subtree';
import { rawPublicKey, sha256, sha256Bytes } from '../../lib/crypto/node';

export const LEDGER = 'audit.example.com';
export const EXPORTED_AT = '2026-05-01T00:00:00.000Z';

const node = nodeHash(sha256Bytes);

/** A key that signs checkpoints. */
export interface Signer {
  privateKey: KeyObject;
  vkeyOf(tenantId: string): string;
}

export function newSigner(): Signer {
  const { privateKey } = generateKeyPairSync('ed25519');
  const raw = rawPublicKey(createPublicKey(privateKey));
  const vkeyOf = (tenantId: string): string =>
    formatVerifierKey(verifierKey(checkpointOrigin(LEDGER, tenantId), raw, sha256Bytes));
  return { privateKey, vkeyOf };
}

/** The day of an entry: one a day from 1 January 2026 on. */
export const dayOf = (seq: number): string => new Date(Date.UTC(2026, 0, seq)).toISOString();

/** A chain of `size` entries; `change` gives members of each. */
export function chainOf(
  size: number,
  tenantId = 'org_acme',
  change: (seq: number) => Partial<Draft> = () => ({}),
): Entry[] {
  const entries: Entry[] = [];
  let head: Head = GENESIS;
  for (let seq = 1; seq <= size; seq++) {
    const draft: Draft = {
      v: 1,
      tenantId,
      id: `0192f0c1-7c1e-7b1a-9d1a-${String(seq).padStart(12, '0')}`,
      occurredAt: dayOf(seq),
      actor: `user_${seq % 7}`,
      action: seq % 5 === 0 ? 'auth.login' : 'org.member.invite',
      resource: `invite_${seq}`,
      outcome: seq % 3 === 0 ? 'denied' : 'success',
      context: { ipAddress: '203.0.113.9', method: 'POST', route: '/team/:id', statusCode: 201 },
      metadata: { role: 'admin', note: 'a;b "c" é😀', n: 1.5 },
      ...change(seq),
    };
    const entry = link(draft, head, dayOf(seq), sha256);
    entries.push(entry);
    head = entry;
  }
  return entries;
}

export function manifestOf(filter: EvidenceFilter, tenantId = 'org_acme', treeSize = 0): Manifest {
  const format = EVIDENCE_FORMAT;
  return { type: 'manifest', format, ledger: LEDGER, tenantId, exportedAt: EXPORTED_AT, filter, treeSize };
}

/** The chain with the entry behind it that records an export with this filter. */
export function withExport(
  chain: readonly Entry[],
  filter: EvidenceFilter,
  later: readonly Draft[] = [],
): Entry[] {
  const tenantId = chain[0]?.tenantId ?? 'org_acme';
  const { treeSize: _, ...metadata } = manifestOf(filter, tenantId);
  const draft: Draft = {
    v: 1,
    tenantId,
    id: 'export',
    occurredAt: EXPORTED_AT,
    actor: 'auditor_1',
    action: 'audit.export',
    outcome: 'success',
    metadata: metadata as object as Json,
  };
  const entries = [...chain];
  for (const each of [draft, ...later])
    entries.push(
      link(each, entries.at(-1) ?? GENESIS, later.length > 0 ? EXPORTED_AT : lastTime(chain), sha256),
    );
  return entries;
}

const lastTime = (chain: readonly Entry[]): string =>
  [EXPORTED_AT, chain.at(-1)?.recordedAt ?? ''].sort().at(-1) ?? EXPORTED_AT;

function rangeOf(entries: readonly Entry[]): CompactRange {
  const range = new CompactRange(node);
  for (const { hash } of entries) range.append(decodeHex(hash));
  return range;
}

/** A checkpoint of these entries: signed, or the three lines alone. */
export function noteOf(entries: readonly Entry[], signer: Signer | null, origin?: string): string {
  const tenantId = entries[0]?.tenantId ?? 'org_acme';
  const name = origin ?? checkpointOrigin(LEDGER, tenantId);
  const root = rangeOf(entries).root() ?? sha256Bytes(new Uint8Array());
  const text = formatCheckpoint({ origin: name, size: entries.length, root });
  if (!signer) return text;
  const { id } = keyOf(signer, name);
  const signature = sign(null, Buffer.from(text), signer.privateKey);
  return formatNote({ text, signatures: [{ name, id, signature }] });
}

const keyOf = (signer: Signer, name: string): ReturnType<typeof verifierKey> =>
  verifierKey(name, rawPublicKey(createPublicKey(signer.privateKey)), sha256Bytes);

/** The records of the entries of `keep` and of the subtrees between them. */
export function tiles(entries: readonly Entry[], keep: (entry: Entry) => boolean): EvidenceRecord[] {
  const records: EvidenceRecord[] = [];
  let begin = 0;
  const omit = (end: number): void => {
    for (const { level, index } of splitIntoSubtrees({ begin, end })) {
      const [first, last] = [index * 2 ** level + 1, (index + 1) * 2 ** level];
      const root = rangeOf(entries.slice(first - 1, last)).root();
      records.push({ type: 'omitted', first, last, hash: encodeHex(root ?? new Uint8Array()) });
    }
  };
  entries.forEach((entry, i) => {
    if (!keep(entry)) return;
    omit(i);
    const { hash, ...rest } = entry;
    records.push({ type: 'entry', entry: rest, hash });
    begin = i + 1;
  });
  omit(entries.length);
  return records;
}

export function checkpointOf(entries: readonly Entry[], signer: Signer | null): CheckpointRecord {
  const tenantId = entries[0]?.tenantId ?? 'org_acme';
  const keys = signer ? [signer.vkeyOf(tenantId)] : [];
  return { type: 'checkpoint', keys, note: noteOf(entries, signer) };
}

/** Whether an export of these entries has an entry: what matches, its own, and of dates alone the two neighbours. */
export function isExported(entries: readonly Entry[], filter: EvidenceFilter): (entry: Entry) => boolean {
  const { from = '', to = '9' } = filter;
  const own = entries.findLast(({ action }) => action === 'audit.export')?.seq ?? Infinity;
  const before = entries.findLast(({ seq, recordedAt }) => seq < own && recordedAt < from)?.seq;
  const behind = entries.find(({ seq, recordedAt }) => seq < own && recordedAt >= to)?.seq;
  const neighbours = filterScope(filter) === 'filtered' ? [] : [before, behind];
  return (entry) => entry.seq === own || isMatch(filter, entry) || neighbours.includes(entry.seq);
}

/** All records of an export of these entries, the last of which records the export. */
export function recordsOf(
  entries: readonly Entry[],
  filter: EvidenceFilter,
  signer: Signer | null,
  keep = isExported(entries, filter),
): EvidenceRecord[] {
  const tenantId = entries[0]?.tenantId ?? 'org_acme';
  const manifest = manifestOf(filter, tenantId, entries.length);
  return [manifest, ...tiles(entries, keep), checkpointOf(entries, signer)];
}

export function encode(records: readonly EvidenceRecord[], format: EvidenceFormat, proof = true): string {
  const encoder = createEncoder(format, proof);
  return encoder.begin + records.map((record) => encoder.record(record)).join('') + encoder.end;
}

/** A stream of one or more chunks. */
export async function* streamOf(...chunks: (Uint8Array | string)[]): AsyncGenerator<Uint8Array | string> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield chunk;
  }
}
