import { Readable } from 'node:stream';
import type { Receipt } from '../../chain/entry';
import type { CheckpointService } from '../../checkpoints/checkpoint-service';
import type { ParsedExport } from '../../read/export-query';
import { readSize, toSeqRange } from '../../read/read-entries';
import { isoText } from '../../event/instant';
import type { SeqRange, Store } from '../../store/store';
import { evidenceText } from './evidence-text';
import { EVIDENCE_FORMAT, filterScope, type Manifest } from '../records';

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
  // What was recorded behind the export's own is not part of it.
  const size = own === null ? await readSize(tenantId, store) : own - 1;
  const treeSize = head?.size ?? own ?? size;
  const { min, max } = await toSeqRange(parsed, store);
  const range = { min, max: Math.min(max, size) };
  const seq = proof && filterScope(stated) !== 'filtered' ? withNeighbours(range, size) : range;
  const manifest = { ...statement, treeSize };
  const text = evidenceText({ manifest, format, query: { tenantId, ...filter, seq }, own, head }, store);
  return Readable.from(text, { objectMode: false });
}

/**
 * A range of dates with the entry before it and the one behind it, where there are such up to `size`: they show that
 * nothing at its ends was left out, and that an empty range is empty (docs/formats.md §5).
 */
function withNeighbours({ min, max }: SeqRange, size: number): SeqRange {
  const before = Math.min(min - 1, size);
  const behind = Math.min(max + 1, size);
  // Dates that end before they begin have their neighbours the wrong way round: one shows as much.
  return { min: Math.max(before, 1), max: Math.max(before, behind) };
}
