import type { CheckResult } from './check-file';

/** All that the page may say first of a file. */
export type VerdictName =
  | 'signed'
  | 'pinned'
  | 'signedAndPinned'
  | 'broken'
  | 'selfSigned'
  | 'unsigned'
  | 'allowedSelfSigned'
  | 'allowedUnsigned'
  | 'pinnedInPart'
  | 'signedNotCompared'
  | 'cannotTell'
  | 'uncompared'
  | 'plain'
  | 'noEvidence'
  | 'empty'
  | 'badKey'
  | 'badCheckpoint'
  | 'unreadable';

/** What a verdict looks like: it holds; it proves little; it does not hold; nothing is known. */
export type Tone = 'good' | 'weak' | 'bad' | 'unknown';

/** What to say first of a file. */
export function verdictOn(result: CheckResult): VerdictName {
  if (result.fault !== null) return result.fault;
  const { outcome, report, isPlainExport, isUncompared, hasKeys } = result;
  const { anchor, anchoredSize, size } = report;
  if (report.verdict === 'broken') {
    if (outcome === 'broken') return 'broken';
    return isPlainExport ? 'plain' : 'noEvidence';
  }
  if (size === 0) return 'empty';
  if (isUncompared) return 'uncompared';
  if (report.pin?.result === 'cannot tell') return anchor === 'signed' ? 'signedNotCompared' : 'cannotTell';
  if (anchor === 'pinned' && hasKeys) return 'signedAndPinned';
  if (anchor === 'pinned') return anchoredSize === size ? 'pinned' : 'pinnedInPart';
  if (anchor === 'signed') return 'signed';
  if (outcome === 'held') return anchor === 'unsigned' ? 'allowedUnsigned' : 'allowedSelfSigned';
  return anchor === 'unsigned' ? 'unsigned' : 'selfSigned';
}

/** What a verdict looks like. */
export function toneOf(verdict: VerdictName): Tone {
  switch (verdict) {
    case 'signed':
    case 'pinned':
    case 'signedAndPinned':
      return 'good';
    case 'broken':
      return 'bad';
    case 'plain':
    case 'noEvidence':
    case 'empty':
    case 'badKey':
    case 'badCheckpoint':
    case 'unreadable':
      return 'unknown';
    default:
      return 'weak';
  }
}
