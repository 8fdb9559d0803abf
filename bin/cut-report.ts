import type { EvidenceReport } from '../lib/evidence/check/report';
import { shorten } from '../lib/util/quote';
import { MAX_SIGNATURES } from '../lib/notes/note';

/** Characters of a text of the file that are printed. No ledger, tenant, key or filter of an export has as many. */
const PRINTED = 4096;

/** The report with its texts cut: a file can hold any, and of any length. */
export function cutReport(report: EvidenceReport): EvidenceReport {
  const { ledger, tenantId, filter, keys } = report;
  return {
    ...report,
    ledger: ledger === null ? null : cut(ledger),
    tenantId: tenantId === null ? null : cut(tenantId),
    filter:
      filter &&
      Object.fromEntries(Object.entries(filter).map(([name, text]: [string, string]) => [name, cut(text)])),
    keys: keys.slice(0, MAX_SIGNATURES).map(cut),
  };
}

function cut(text: string): string {
  return shorten(text, PRINTED);
}
