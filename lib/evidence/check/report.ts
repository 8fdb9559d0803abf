import type { Anchor } from '../../vocabulary';
import type { CheckpointComparison } from './compare-checkpoint';
import type { Problem } from '../../chain/chain-check';
import type { EvidenceFilter, FileScope } from '../records';

/**
 * What one pass over a file found. What the file says of itself is null where it could not be read; its texts are as they
 * are there, of any length.
 */
export interface EvidenceReport {
  verdict: 'intact' | 'broken';
  anchor: Anchor;
  ledger: string | null;
  tenantId: string | null;
  /** As the file says: ISO 8601, UTC, milliseconds. */
  exportedAt: string | null;
  filter: EvidenceFilter | null;
  /** Entries that the records of the file cover. */
  size: number;
  /** Entries, from the first, that the anchor covers. */
  anchoredSize: number;
  /** Entries in the file. */
  entryCount: number;
  /** Entries that were left out, of which the file has only hashes. */
  omittedCount: number;
  scope: FileScope | null;
  /** `seq` of the first and the last entry that match the filter. */
  firstSeq: number | null;
  lastSeq: number | null;
  /** Entries in the file that match the filter, the export's own apart. */
  matchCount: number;
  /** Whether the file proves that it holds every entry of its dates that was recorded before the export. */
  isComplete: boolean;
  /** Whether the `audit.export` entry whose metadata is the manifest is in the file. */
  statedBySigner: boolean;
  problemCount: number;
  /** The first 100 problems, in the order of the file. */
  problems: Problem[];
  /** The verifier keys in the file. They prove nothing by themselves. */
  keys: string[];
  /** The comparison with the checkpoint that was given; null without one, and when the file gave out before. */
  pin: CheckpointComparison | null;
  /** What an auditor may rely on, in sentences. Nothing when the file is broken. */
  proven: string[];
  /** What remains to be found elsewhere, in sentences. */
  notProven: string[];
}
