import { Readable } from 'node:stream';
import type { Receipt } from '../../chain/entry';
import type { CheckpointService } from '../../checkpoints/checkpoint-service';
import type { ParsedExport } from '../../read/export-query';
import { toSeqRange, readSize } from '../../read/read-entries';
import { isoText } from '../../event/instant';
import type { Store } from '../../store/store';
import { evidenceText } from './evidence-text';
import { EVIDENCE_FORMAT, type Manifest } from '../records';

/** What exports work with. */
export interface ExporterParts {
  store: Store;
  ledger: string;
  checkpoints: CheckpointService;
  now: () => number;
}

/**
 * Writes an export as a stream of UTF-8 text. It is first recorded as an entry whose metadata is the manifest, and the
 * tree is then checkpointed, so that the file proves what was asked for.
 * @param record records that entry; null for a file without proof that nobody wants an entry of
 * @throws AuditError `ENTRY_ALTERED`, `STORE_UNAVAILABLE`, and those of recording an event.
 */
export async function exportEvidence(
  parsed: ParsedExport,
  record: ((statement: Omit<Manifest, 'treeSize'>) => Promise<Receipt>) | null,
  { store, ledger, checkpoints, now }: ExporterParts,
): Promise<Readable> {
  const { tenantId, filter, format, proof, stated } = parsed;
  const statement = {
    type: 'manifest',
    format: EVIDENCE_FORMAT,
    ledger,
    tenantId,
    exportedAt: isoText(now()),
    filter: stated,
  } as const;
  const own = record && (await record(statement)).seq;
  const head = proof ? await checkpoints.issue(tenantId) : null;
  const treeSize = head?.size ?? own ?? (await readSize(tenantId, store));
  const range = await toSeqRange(parsed, store);
  const seq = { min: range.min, max: Math.min(range.max, treeSize) };
  const manifest = { ...statement, treeSize };
  const text = evidenceText({ manifest, format, query: { tenantId, ...filter, seq }, own, head }, store);
  return Readable.from(text, { objectMode: false });
}
