import { quote } from '../../util/quote';
import { isObject } from '../../util/complaints';
import type { Entry } from '../../chain/entry';
import type { EvidenceReport } from './report';
import { describeRange } from '../../chain/chain-order';

/** All of a report but its sentences. */
export type Findings = Omit<EvidenceReport, 'proven' | 'notProven'>;

/** What else the sentences depend on. */
export interface Circumstances {
  /** Whether a key that the verifier was given signed the file's own checkpoint. */
  isSignedByGivenKey: boolean;
  /** Whether the caller said that a key out of the file will do. */
  allowUntrustedKey: boolean;
  /** What the chain in the file records of its own reopenings, in sentences. */
  reopenings: readonly string[];
  /** Whether all that is wrong with the file is how it is written: what is signed was found to be as it was. */
  isRewordedOnly: boolean;
}

const SAVED_AGAIN =
  'What the readable text of the file shows. What was signed is still there, and only the way in which it is written differs: ' +
  'most likely a spreadsheet or an editor saved the file again, or else somebody changed what it shows. Check the file as you got it.';

/** What an auditor may rely on. */
export function provenBy(findings: Findings, circumstances: Circumstances): string[] {
  if (findings.verdict === 'broken') return [];
  return [
    ...consistency(findings),
    ...anchorage(findings, circumstances),
    coverage(findings),
    ...statement(findings),
  ];
}

/** What the file leaves open (docs/formats.md §5.1 rules 6 and 7). */
export function notProvenBy(findings: Findings, circumstances: Circumstances): string[] {
  if (findings.verdict === 'broken')
    return [
      'Anything: the file is not what an export wrote. See the problems, and ask for another export.',
      ...(circumstances.isRewordedOnly ? [SAVED_AGAIN] : []),
      ...circumstances.reopenings,
    ];
  return [
    ...circumstances.reopenings,
    ...signer(findings, circumstances),
    ...unpinned(findings),
    ...leftOut(findings),
    ...filterSource(findings),
    `Anything about entries after ${findings.size}: they are outside this proof. A checkpoint has no time of its own.`,
    'That all that happened was recorded, and that what the entries say is true.',
  ];
}

function consistency({ size, tenantId, ledger, entryCount }: Findings): string[] {
  const whose = `of tenant ${quote(tenantId)} in ledger ${quote(ledger)}`;
  return [
    `The ${entryCount} entries in the file are, each at its place, in one chain of ${size} entries ${whose}: ` +
      'none was changed, removed, added or moved without changing the checkpoint.',
  ];
}

function anchorage(
  { anchor, anchoredSize, size }: Findings,
  { isSignedByGivenKey }: Circumstances,
): string[] {
  const signed = `A key that was given signed the chain as it was with ${size} entries.`;
  const signedHere = isSignedByGivenKey ? [signed] : [];
  if (anchor !== 'pinned') return signedHere;
  const pinned = `Nothing up to entry ${anchoredSize} was changed since the checkpoint that was given was made.`;
  return [pinned, ...signedHere];
}

function coverage(findings: Findings): string {
  const { scope, omittedCount, size, matchCount, statedBySigner } = findings;
  const left =
    omittedCount === 0
      ? 'none was left out'
      : `${omittedCount} of ${size} entries were left out, and the file shows which numbers they have`;
  if (scope === 'filtered') {
    const own = statedBySigner ? ', and the record of this export is there' : '';
    return `${countEntries(matchCount, 'matches', 'match')} the filter${own}; ${left}.`;
  }
  return `${completeness(findings)}; ${left}.`;
}

/** docs/formats.md §5.1 rule 5. */
function completeness({ scope, matchCount, firstSeq, statedBySigner, size }: Findings): string {
  const until = statedBySigner ? 'before it' : `up to entry ${size}`;
  if (scope === 'complete' || firstSeq === null || matchCount === 0) {
    const what = scope === 'complete' ? 'all entries that were' : 'no entry of its dates was';
    const where = scope === 'complete' ? ' are in the file' : '';
    return `The export is complete: ${what} recorded ${until}${where}`;
  }
  const which = describeRange(firstSeq, firstSeq + matchCount - 1).toLowerCase();
  return `The export is complete: all entries of its dates that were recorded ${until} are in the file, ${which}`;
}

function countEntries(count: number, one: string, more: string): string {
  if (count === 0) return `No entry in the file ${one}`;
  return count === 1 ? `1 entry in the file ${one}` : `${count} entries in the file ${more}`;
}

function statement({ statedBySigner, anchor }: Findings): string[] {
  if (!statedBySigner || anchor === 'unsigned') return [];
  return [
    'The filter is stated by the signer: the chain holds an entry that records this export and its filter.',
  ];
}

function signer({ anchor, size, anchoredSize }: Findings, circumstances: Circumstances): string[] {
  const { isSignedByGivenKey, allowUntrustedKey } = circumstances;
  if (anchor === 'unsigned')
    return ['Who made the file, and whether the chain was written anew before: nobody signed it.'];
  if (anchor === 'self-signed')
    return [
      'Who signed: the key comes from the file itself, and whoever made the file can have made the key. ' +
        (allowUntrustedKey ? 'The verifier was told to take it.' : "Give the ledger's key, from elsewhere."),
    ];
  if (anchor !== 'pinned' || isSignedByGivenKey || size === anchoredSize) return [];
  return [
    `Who stands for ${describeRange(anchoredSize + 1, size).toLowerCase()}: the checkpoint that was given ends before.`,
  ];
}

function unpinned({ pin }: Findings): string[] {
  return pin?.result === 'cannot tell' ? [pin.message] : [];
}

function leftOut({ scope, omittedCount }: Findings): string[] {
  if (omittedCount === 0) return [];
  if (scope === 'filtered')
    return ['That no entry which was left out matches the filter: of these the file has only hashes.'];
  if (scope === 'range') return [];
  return ['What the entries say that were recorded while the export was under way: they were left out.'];
}

function filterSource({ statedBySigner, anchor }: Findings): string[] {
  if (statedBySigner && anchor !== 'unsigned') return [];
  const why = statedBySigner ? 'nobody signed the file' : 'no entry of the chain records this export';
  return [`That the filter and the time of the export are what was asked for: ${why}.`];
}

/** What an entry says that records a reopening of its chain, such as after a restore (docs/restore.md). */
export function describeReopened({ seq, actor, recordedAt, metadata }: ReopenedEntry): string {
  const { reason, to, from } = isObject(metadata) ? metadata : {};
  const [end, before] = [to, from].map((tree) => (isObject(tree) ? tree['size'] : null));
  return (
    `What stood in the chain when it was opened again: entry ${seq} says so, by ${quote(actor)} at ${recordedAt}, behind ` +
    `entry ${quote(end)} where the end was ${quote(before)}: ${quote(reason)}. A checkpoint that was kept before shows what was lost.`
  );
}

type ReopenedEntry = Pick<Entry, 'seq' | 'actor' | 'recordedAt' | 'metadata'>;
