import type { VerificationReport } from '../lib/verify/verify-chain';
import { section } from './describe-evidence';
import { EXIT, type Outcome } from './exit-code';

/** What a report on a chain in the database says, for people: the verdict first. */
export function describeChain(report: VerificationReport, ledger: string, exitCode: Outcome): string[] {
  const { tenantId, verdict, size, anchoredSize, anchor, problems, problemCount, notices } = report;
  return [
    `${JSON.stringify(tenantId)}: ${verdictOn(report, exitCode)}`,
    `  ${size} entries in ledger ${JSON.stringify(ledger)}`,
    ...section('Proven', verdict === 'intact' && size > 0 ? provenBy(report) : []),
    ...section('Not proven', notProvenBy({ size, anchoredSize, anchor, verdict })),
    ...section(
      'Problems',
      problems.map(({ kind, message }) => `${kind}: ${message}`),
      problemCount,
    ),
    ...section(
      'To know',
      notices.map(({ message }) => message),
    ),
  ];
}

function verdictOn({ verdict, size, anchor }: VerificationReport, exitCode: Outcome): string {
  if (verdict === 'broken') return 'NOT INTACT.';
  if (size === 0)
    return 'COULD NOT BE CHECKED: the chain has no entries. Compare the names of the database and the tenant.';
  if (exitCode === EXIT.ok) return `intact${HELD[anchor]}.`;
  const mend = 'give a --key, or a --checkpoint that was kept elsewhere';
  return `COULD NOT BE CHECKED: it is intact in itself, but held in place by nothing that was given; ${mend}.`;
}

const HELD: Record<VerificationReport['anchor'], string> = {
  pinned: ', and agrees with the checkpoint that was given',
  signed: ', and agrees with a checkpoint that a key given has signed',
  'self-signed': ' in itself; its checkpoints are signed by a key out of the database, as allowed',
  unsigned: ' in itself; its checkpoints are signed by nobody, as allowed',
  none: ' in itself; no checkpoint holds it in place, as allowed',
};

function provenBy({ size, anchor, anchoredSize }: VerificationReport): string[] {
  const chain = `The ${size} entries are one chain: each has the hash of its content, and names the one before it.`;
  if (anchor === 'pinned')
    return [
      chain,
      `Nothing up to entry ${anchoredSize} was changed since the checkpoint that was given was made.`,
    ];
  if (anchor !== 'signed') return [chain];
  return [chain, `Nothing up to entry ${anchoredSize} was changed since a key that was given signed it.`];
}

function notProvenBy({
  size,
  anchor,
  anchoredSize,
  verdict,
}: Pick<VerificationReport, 'size' | 'anchor' | 'anchoredSize' | 'verdict'>): string[] {
  if (verdict === 'broken' || size === 0) return [];
  const truth = 'That all that happened was recorded, and that what the entries say is true.';
  const isHeld = anchor === 'pinned' || anchor === 'signed';
  const from = isHeld ? anchoredSize + 1 : 1;
  const isCovered = from > size;
  const open = isCovered
    ? 'That no entries behind these were cut off: a checkpoint kept elsewhere would show it.'
    : `That entries from ${from} on were not changed, and none behind them cut off: no checkpoint that can be trusted covers them.`;
  return [open, truth];
}
