import type { Outcome } from './exit-code';
import type { EvidenceReport } from '../lib/evidence/check/report';

/** What became of one file. */
export interface CheckedFile {
  file: string;
  exitCode: Outcome;
  /** Why it could not be checked, where the report does not say that. */
  error: string | null;
  report: EvidenceReport | null;
}
