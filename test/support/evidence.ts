import { generateKeyPairSync } from 'node:crypto';
import type { Audit, Entry, ListQuery } from '../../index';
import { createAudit } from './create-audit';
import type { LedgerOptions } from '../../lib/options';
import type { Manifest } from '../../lib/evidence/records';
import type { EvidenceReport } from '../../lib/evidence/check/report';
import { verifyEvidence } from '../../lib/evidence/check/node';
import type { VerifyEvidenceOptions } from '../../lib/evidence/check/options';
import { checkpointOrigin } from '../../lib/notes/checkpoint';
import { formatVerifierKey } from '../../lib/notes/note';
import { SigningKey } from '../../lib/checkpoints/signing-key';
import type { EvidenceFormat } from '../../lib/vocabulary';
import type { Connection } from 'mongoose';
import { csvRecords } from './csv-rows';
import { memoryLedger } from './memory-ledger';
import { MemoryStore } from '../../models/memory/memory-store';

export const FORMATS: EvidenceFormat[] = ['csv', 'json', 'jsonl'];

/** The name of the ledgers that sign. */
export const LEDGER = 'audit.example.com';

const { privateKey } = generateKeyPairSync('ed25519');

/** Options of a ledger that signs its checkpoints. */
export const SIGNING: LedgerOptions & { ledger: string } = { ledger: LEDGER, signingKey: privateKey };

/** The verifier key of a tenant's chain under that key. */
export function verifierKeyOf(tenantId: string): string {
  const key = SigningKey.from(privateKey) as SigningKey;
  return formatVerifierKey(key.verifierKey(checkpointOrigin(LEDGER, tenantId)));
}

/** A ledger that signs, and is silent about what a test makes it complain of. */
export function signingLedger(where: Connection | MemoryStore): Audit {
  const options = { ...SIGNING, logger: { warn: () => undefined, error: () => undefined } };
  if (where instanceof MemoryStore) return memoryLedger(options, where).audit;
  return createAudit({ connection: where, ...options });
}

/** The whole text of a stream. */
export async function textOf(stream: AsyncIterable<Uint8Array | string>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as string));
  return Buffer.concat(chunks).toString();
}

/** What a verifier that has nothing but the file says of it. */
export function verified(text: string, options: VerifyEvidenceOptions = {}): Promise<EvidenceReport> {
  return verifyEvidence(
    (async function* () {
      yield await Promise.resolve(Buffer.from(text));
    })(),
    options,
  );
}

/** An entry in a file, by what both kinds of export have in every format. */
export interface Exported {
  seq: number;
  hash: string;
}

/** The entries of a file in their order. A hash says what is in an entry: the verifier compares them. */
export function exportedIn(text: string, format: EvidenceFormat): Exported[] {
  if (format === 'csv')
    return csvRecords(text)
      .filter(({ type = 'entry' }) => type === 'entry')
      .map(({ seq, hash = '' }) => ({ seq: Number(seq), hash }));
  return recordsIn(text, format).flatMap((record) => {
    const { entry, hash, type } = record as { entry?: Entry; hash: string; type?: string };
    if (type === undefined) return [{ seq: Number(record['seq']), hash }];
    return type === 'entry' && entry ? [{ seq: entry.seq, hash }] : [];
  });
}

/** The manifest of a file with proof. */
export function manifestIn(text: string, format: EvidenceFormat): Manifest {
  if (format === 'csv') return JSON.parse(csvRecords(text)[0]?.['entry'] ?? '') as Manifest;
  return recordsIn(text, format)[0] as unknown as Manifest;
}

function recordsIn(text: string, format: EvidenceFormat): Record<string, unknown>[] {
  if (format === 'json') return JSON.parse(text) as Record<string, unknown>[];
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** All entries that `list` gives, oldest first. */
export async function allListed(
  audit: Audit,
  query: Omit<ListQuery, 'limit' | 'order' | 'cursor'>,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  let cursor: string | undefined;
  do {
    const page = await audit.list({ ...query, order: 'asc', limit: 1000, cursor });
    entries.push(...page);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return entries;
}
