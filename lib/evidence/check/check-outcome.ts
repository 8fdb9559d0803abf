import type { Beginning } from './file-beginning';
import type { EvidenceReport } from './report';

/**
 * How the check of a file ended: `held`, intact and held in place by what the verifier gave or allowed; `broken`; or
 * `unchecked`, neither a yes nor a no.
 */
export type CheckOutcome = 'held' | 'broken' | 'unchecked';

/** What a check may rely on. */
export interface Reliance {
  hasKeys: boolean;
  allowUntrustedKey: boolean;
  /** Whether checkpoints were given, none of which is of the file's chain. */
  isUncompared: boolean;
}

/** How the check of a file ended that was read to its end. */
export function checkOutcome(
  report: EvidenceReport,
  { isEvidence }: Beginning,
  reliance: Reliance,
): CheckOutcome {
  // What was to be evidence and is spoilt from its first record on is not intact; anything else cannot be checked.
  if (report.verdict === 'broken') return isEvidence || report.ledger !== null ? 'broken' : 'unchecked';
  if (reliance.isUncompared || report.size === 0) return 'unchecked';
  return isHeld(report, reliance) ? 'held' : 'unchecked';
}

/** A file that none of the keys given signed is broken: docs/formats.md §5.1 rule 6. A comparison asked for must be possible. */
function isHeld(report: EvidenceReport, { hasKeys, allowUntrustedKey }: Reliance): boolean {
  const { anchor, anchoredSize, size, pin } = report;
  if (pin?.result === 'cannot tell') return false;
  return hasKeys || allowUntrustedKey || (anchor === 'pinned' && anchoredSize === size);
}
