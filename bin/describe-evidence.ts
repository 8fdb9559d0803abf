import type { EvidenceReport } from '../lib/evidence/check/report';
import { shorten } from '../lib/util/quote';
import { safeLine } from './safe-text';
import { EXIT } from './exit-code';
import type { CheckedFile } from './checked-file';

/** What a report says, for people: the verdict first. Texts of the file are as they are there, and not safe to print. */
export function describeEvidence({ file, exitCode, error, report }: CheckedFile): string[] {
  if (!report) return [];
  return [
    `${safeLine(file)}: ${verdictOn(report, exitCode)}`,
    ...(error === null ? [] : [`  ${error}`]),
    ...about(report),
    ...section('Proven', report.proven),
    ...section('Not proven', report.notProven),
    ...section(
      'Problems',
      report.problems.map(({ kind, message }) => `${kind}: ${message}`),
      report.problemCount,
    ),
    ...section('Keys in the file, which prove nothing by themselves', untrusted(report)),
  ];
}

function verdictOn({ verdict, anchor, size, pin }: EvidenceReport, exitCode: number): string {
  if (verdict === 'broken' && exitCode === EXIT.unchecked)
    return 'COULD NOT BE CHECKED: it is no evidence that can be read.';
  if (verdict === 'broken') return 'NOT INTACT.';
  if (exitCode === EXIT.ok) return `intact${HELD[anchor]}.`;
  if (size === 0) return 'COULD NOT BE CHECKED: it is of a chain without entries.';
  if (anchor === 'signed')
    return 'intact, and signed by a key that was given. It COULD NOT BE CHECKED against the checkpoint that was given as well.';
  if (pin?.result === 'cannot tell')
    return `intact in itself, but COULD NOT BE CHECKED against the checkpoint that was given (why, and what to ask for, is below), and ${UNHELD[anchor]}.`;
  return `COULD NOT BE CHECKED: it is intact in itself, but ${UNHELD[anchor]}.`;
}

const HELD: Record<EvidenceReport['anchor'], string> = {
  pinned: ', and agrees with the checkpoint that was given',
  signed: ', and signed by a key that was given',
  'self-signed': ' in itself; signed by a key out of the file, as allowed',
  unsigned: ' in itself; signed by nobody, as allowed',
  none: '',
};

const UNHELD: Record<Exclude<EvidenceReport['anchor'], 'signed'>, string> = {
  pinned: 'the checkpoint that was given does not cover all of it; give a --key',
  'self-signed': 'signed by a key that only the file itself vouches for; give a --key',
  unsigned: 'signed by nobody; compare it with a --checkpoint',
  none: 'held in place by nothing',
};

function about({ ledger, tenantId, exportedAt, filter, ...report }: EvidenceReport): string[] {
  if (ledger === null || tenantId === null) return [];
  const filters = Object.entries(filter ?? {}).map(
    ([name, value]: [string, string]) => `${name} ${text(value)}`,
  );
  return [
    `  tenant ${text(tenantId)} of ledger ${text(ledger)}, exported ${exportedAt ?? 'at an unknown time'}`,
    `  ${counts(report, filters.length > 0)}; ${filters.length > 0 ? `filter: ${filters.join(', ')}` : 'no filter'}`,
  ];
}

/** Characters of a text of the file that are printed. */
const PRINTED = 300;

function text(value: string): string {
  return JSON.stringify(shorten(value, PRINTED));
}

type Counts = Pick<EvidenceReport, 'matchCount' | 'entryCount' | 'size' | 'statedBySigner' | 'scope'>;

/** The export's own record is in each file, and was asked for by nobody; nor were the neighbours of dates. */
function counts(
  { matchCount, entryCount, size, statedBySigner, scope }: Counts,
  isFiltered: boolean,
): string {
  const others = entryCount - matchCount - (statedBySigner ? 1 : 0);
  const parts = [
    `${matchCount} of ${size} entries${isFiltered ? ' match' : ''}`,
    ...(scope === 'range' && others > 0
      ? [others === 1 ? '1 neighbour of the dates' : `${others} neighbours of the dates`]
      : []),
    ...(statedBySigner ? ['the record of this export'] : []),
  ];
  return parts.length === 1 ? parts.join('') : `${parts.slice(0, -1).join(', ')}, and ${parts.at(-1) ?? ''}`;
}

function untrusted({ anchor, keys, verdict }: EvidenceReport): string[] {
  return verdict === 'intact' && anchor === 'self-signed' ? keys : [];
}

/** A heading and its points; nothing where there are none. */
export function section(heading: string, points: readonly string[], count = points.length): string[] {
  if (points.length === 0) return [];
  const more = count > points.length ? [`  - and ${count - points.length} more`] : [];
  return ['', `${heading}:`, ...points.map((point) => `  - ${point}`), ...more];
}
