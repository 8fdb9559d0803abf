import type { EvidenceFormat } from '../../../lib/vocabulary';

/** Media types of evidence. */
export const CONTENT_TYPES: Record<EvidenceFormat, string> = {
  csv: 'text/csv; charset=utf-8; header=present',
  json: 'application/json; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
};

/** A `Content-Disposition` with the time in the file name, such as `audit-20270102T030405Z.csv`. */
export function attachmentName(format: EvidenceFormat, now = new Date()): string {
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
  return `attachment; filename="audit-${stamp}.${format}"`;
}
