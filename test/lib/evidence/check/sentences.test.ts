import type { EvidenceFilter } from '../../../../lib/evidence/records';
import { verifyEvidence } from '../../../../lib/evidence/check/node';
import {
  chainOf,
  dayOf,
  encode,
  newSigner,
  recordsOf,
  streamOf,
  withExport,
} from '../../../support/evidence-file';

const signer = newSigner();
const keys = [signer.vkeyOf('org_acme')];

async function sentencesOf(
  filter: EvidenceFilter,
  options: object,
  by: typeof signer | null = signer,
): Promise<string[]> {
  const file = encode(recordsOf(withExport(chainOf(9), filter), filter, by), 'jsonl');
  const { proven, notProven } = await verifyEvidence(streamOf(file), options);
  return [...proven.map((each) => `+ ${each}`), ...notProven.map((each) => `- ${each}`)];
}

const LATER =
  '- Anything about entries after 10: they are outside this proof. A checkpoint has no time of its own.';
const EVENTS = '- That all that happened was recorded, and that what the entries say is true.';
const SIGNED = '+ A key that was given signed the chain as it was with 10 entries.';
const STATED =
  '+ The filter is stated by the signer: the chain holds an entry that records this export and its filter.';
const chainSentence = (count: number): string =>
  `+ The ${count} entries in the file are, each at its place, in one chain of 10 entries of tenant "org_acme" in ledger ` +
  '"audit.example.com": none was changed, removed, added or moved without changing the checkpoint.';

it('says of a complete and signed file what it proves', async () => {
  const all =
    '+ The export is complete: all entries that were recorded before it are in the file; none was left out.';
  expect(await sentencesOf({}, { keys })).toEqual([chainSentence(10), SIGNED, all, STATED, LATER, EVENTS]);
});

it('says of a range that it is complete', async () => {
  expect(await sentencesOf({ from: dayOf(3), to: dayOf(6) }, { keys })).toEqual([
    chainSentence(6),
    SIGNED,
    '+ The export is complete: all entries of its dates that were recorded before it are in the file, entries 3 to 5; ' +
      '4 of 10 entries were left out, and the file shows which numbers they have.',
    STATED,
    LATER,
    EVENTS,
  ]);
});

it('says of a filter that nobody can see what was left out', async () => {
  const sentences = await sentencesOf({ actor: 'nobody' }, { keys });
  expect(sentences).toContain(
    '+ No entry in the file matches the filter, and the record of this export is there; ' +
      '9 of 10 entries were left out, and the file shows which numbers they have.',
  );
  expect(sentences).toContain(
    '- That no entry which was left out matches the filter: of these the file has only hashes.',
  );
});

it('does not count the record of the export among the entries that match', async () => {
  const sentences = await sentencesOf({ outcome: 'success' }, { keys });
  expect(sentences).toContain(
    '+ 6 entries in the file match the filter, and the record of this export is there; ' +
      '3 of 10 entries were left out, and the file shows which numbers they have.',
  );
  expect((await sentencesOf({ actor: 'user_1' }, { keys })).join(' ')).toContain(
    '+ 2 entries in the file match the filter, and the record',
  );
  expect((await sentencesOf({ actor: 'user_6' }, { keys })).join(' ')).toContain(
    '+ 1 entry in the file matches the filter, and the record',
  );
});

it('says of dates without entries that there are none', async () => {
  const sentences = await sentencesOf({ to: '2001-01-01T00:00:00.000Z' }, { keys });
  expect(sentences).toContain(
    '+ The export is complete: no entry of its dates was recorded before it; ' +
      '8 of 10 entries were left out, and the file shows which numbers they have.',
  );
});

it('says what most likely happened when only the way of writing differs', async () => {
  const file = encode(recordsOf(withExport(chainOf(9), {}), {}, signer), 'csv');
  for (const saved of [file.replace('invite_3', '"invite_3"'), file.replace('Z,user_3,', 'Z,user_4,')]) {
    const { verdict, notProven } = await verifyEvidence(streamOf(saved), { keys });
    expect(verdict).toBe('broken');
    expect(notProven.join(' ')).toContain('most likely a spreadsheet or an editor saved the file again');
  }
  const { notProven } = await verifyEvidence(streamOf(file.replace('""invite_3""', '""invite_4""')), {
    keys,
  });
  expect(notProven.join(' ')).not.toContain('saved the file again');
});

it('says who signed, as far as it knows', async () => {
  expect((await sentencesOf({}, {})).join(' ')).toContain("Give the ledger's key, from elsewhere.");
  expect((await sentencesOf({}, { allowUntrustedKey: true })).join(' ')).toContain(
    'The verifier was told to take it.',
  );
  expect((await sentencesOf({}, {}, null)).join(' ')).toContain(
    'what was asked for: nobody signed the file.',
  );
});

it('proves nothing of a broken file', async () => {
  expect(await sentencesOf({}, { keys }, null)).toEqual([
    '- Anything: the file is not what an export wrote. See the problems, and ask for another export.',
  ]);
});
