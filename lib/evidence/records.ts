import type { EvidenceFormat } from '../vocabulary';
import { canonicalize, canonicalObject } from '../chain/canonical';
import type { Entry } from '../chain/entry';
import type { JsonObject } from '../chain/json';

/** What a manifest calls the format: docs/formats.md §5. */
export const EVIDENCE_FORMAT = 'express-audit-ledger/evidence/v1';

export type { EvidenceFormat };

/** Which entries an export holds, by the names of `list`; only what was asked for is there. */
export interface EvidenceFilter {
  actor?: string;
  /** A name, or a prefix such as `org.*`. */
  action?: string;
  resource?: string;
  outcome?: string;
  /** `recordedAt` from this instant; ISO 8601, UTC, milliseconds. */
  from?: string;
  /** `recordedAt` before this instant; ISO 8601, UTC, milliseconds. */
  to?: string;
}

/** What a filter asks for: all entries, all between two instants, or some of them. */
export type FileScope = 'complete' | 'range' | 'filtered';

export function filterScope({ from, to, ...others }: EvidenceFilter): FileScope {
  if (Object.keys(others).length > 0) return 'filtered';
  return from === undefined && to === undefined ? 'complete' : 'range';
}

/** The first record: what was asked for, of whom, when. */
export interface Manifest {
  type: 'manifest';
  format: typeof EVIDENCE_FORMAT;
  ledger: string;
  tenantId: string;
  /** ISO 8601, UTC, milliseconds. */
  exportedAt: string;
  filter: EvidenceFilter;
  /** Entries in the tree that the checkpoint states. */
  treeSize: number;
}

/** A full subtree that holds no exported entry. */
export interface Omitted {
  type: 'omitted';
  /** `seq` of its first and last entry. */
  first: number;
  last: number;
  /** RFC 6962 hash of the subtree, 64 lower-case hex digits. */
  hash: string;
}

/** An exported entry. */
export interface EntryRecord {
  type: 'entry';
  /** A member `hash` in it is passed over. */
  entry: Omit<Entry, 'hash'> & { hash?: string };
  /** RFC 6962 leaf hash, 64 lower-case hex digits. */
  hash: string;
}

/** The last record: the tree's head, signed. */
export interface CheckpointRecord {
  type: 'checkpoint';
  /** A C2SP signed note; without a signing key its three lines of text alone. */
  note: string;
  /** The verifier keys of the note's signature lines, in their order. They prove nothing by themselves. */
  keys: string[];
}

export type EvidenceRecord = Manifest | Omitted | EntryRecord | CheckpointRecord;

/** The canonical text of an entry as it is hashed: without its member `hash`. */
export function entryText(entry: EntryRecord['entry']): string {
  return canonicalObject(entry as object as JsonObject, 'hash');
}

/**
 * The canonical text of a record, docs/formats.md §5.
 * @param text that of the record's entry, when it is known already.
 */
export function recordText(record: EvidenceRecord, text?: string): string {
  if (record.type !== 'entry') return canonicalize(record as object as JsonObject);
  return `{"entry":${text ?? entryText(record.entry)},"hash":"${record.hash}","type":"entry"}`;
}

/**
 * The canonical text of the metadata of the `audit.export` entry that an export records first: the manifest without
 * `treeSize`, which is not known yet.
 */
export function statementText(manifest: Manifest): string {
  return canonicalObject(manifest as object as JsonObject, 'treeSize');
}

/** The action of the entry that an export records first. */
export const EXPORT_ACTION = 'audit.export';
