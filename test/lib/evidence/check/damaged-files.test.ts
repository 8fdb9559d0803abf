import { canonicalize } from '../../../../lib/chain/canonical';
import type { Entry } from '../../../../lib/chain/entry';
import type { Json } from '../../../../lib/chain/json';
import { isMatch } from '../../../../lib/evidence/check/filter-check';
import { verifyEvidence } from '../../../../lib/evidence/check/node';
import {
  entryText,
  type EvidenceFilter,
  type EvidenceFormat,
  type EvidenceRecord,
} from '../../../../lib/evidence/records';
import { csvRecords } from '../../../support/csv-rows';
import { damaged, forged, type Random, randomFrom } from '../../../support/damage';
import {
  chainOf,
  dayOf,
  encode,
  EXPORTED_AT,
  newSigner,
  recordsOf,
  streamOf,
  withExport,
} from '../../../support/evidence-file';
import { sized } from '../../../support/sized';

const signer = newSigner();
const keys = [signer.vkeyOf('org_acme')];

const FORMATS: EvidenceFormat[] = ['csv', 'json', 'jsonl'];
const FILTERS: EvidenceFilter[] = [
  {},
  { from: dayOf(5), to: dayOf(15) },
  { from: dayOf(12) },
  { to: dayOf(9) },
  { action: 'auth.*' },
  { actor: 'user_1', outcome: 'success' },
];

/** Texts that programs take for separators or formulas, but no line breaks: so that lines are rows. */
const change = (seq: number): object => (seq % 4 === 0 ? { actorName: '=1;"x",\tü😀', before: null } : {});

const EXPORTS = FILTERS.map((filter) => {
  const entries = withExport(chainOf(17, 'org_acme', change), filter);
  return { filter, entries, records: recordsOf(entries, filter, signer) };
});

/** An export as it was written. */
interface Original {
  filter: EvidenceFilter;
  /** The whole chain. */
  entries: Entry[];
  format: EvidenceFormat;
  text: string;
}
const OTHERS = recordsOf(withExport(chainOf(17, 'org_other'), {}), {}, newSigner());

/** Files with one seed. The long form has 20,000 in all. */
const FILES = 100;

/** A file as programs may save it, which is taken as it was. */
function variants(text: string): string[] {
  return text.startsWith('\ufeff')
    ? [text, text.slice(1)].flatMap((each) => [each, each.replaceAll('\r\n', '\n')])
    : [text];
}

/** The entries in a file, as canonical text. */
function entriesIn(text: string, format: EvidenceFormat): string[] {
  const texts =
    format === 'csv'
      ? csvRecords(text.replaceAll(/\r?\n/g, '\r\n')).flatMap(({ type, entry = '' }) =>
          type === 'entry' ? [entry] : [],
        )
      : [...text.matchAll(/^\{"entry":(.*),"hash":"\w+","type":"entry"\},?$/gm)].map(
          ([, entry = '']) => entry,
        );
  return texts.map((entry) => canonicalize(JSON.parse(entry) as Json));
}

/**
 * Why a verifier must not have called this file intact; null where it may. It may where what differs is left unsigned
 * (docs/formats.md §5.1): the manifest, when the report says that nothing states it, and which entries a filter by names
 * has left out. No entry is another than it was, and none is missing from what the report calls complete.
 */
async function faultOf(file: Buffer, original: Original): Promise<string | null> {
  const report = await verifyEvidence(streamOf(file), { keys });
  const text = file.toString();
  if (report.verdict === 'broken' || (variants(original.text).includes(text) && report.statedBySigner))
    return null;
  const found = entriesIn(text, original.format);
  const asked = original.entries.filter(
    (entry) => isMatch(report.filter ?? {}, entry) && entry.action !== 'audit.export',
  );
  const faults = [
    found.some((entry) => !original.entries.map(entryText).includes(entry)) && 'an entry is another',
    report.statedBySigner &&
      canonicalize(report.filter as Json) !== canonicalize(original.filter as Json) &&
      'another filter',
    report.statedBySigner && report.exportedAt !== EXPORTED_AT && 'another time',
    report.isComplete && asked.some((entry) => !found.includes(entryText(entry))) && 'not complete',
    report.isComplete && report.matchCount < asked.length && 'not all are counted',
    report.scope !== 'filtered' && report.statedBySigner && 'the file is another',
  ];
  const fault = faults.find((each) => each !== false);
  return fault === undefined ? null : `${fault}: ${text}`;
}

function someExport(n: number, random: Random): Original & { records: EvidenceRecord[]; others: Buffer[] } {
  const format = FORMATS[n % 3] as EvidenceFormat;
  const texts = [...EXPORTS.map(({ records }) => records), OTHERS].map((records) => encode(records, format));
  const place = random(EXPORTS.length);
  const original = EXPORTS[place] as (typeof EXPORTS)[number];
  return { ...original, format, text: texts[place] ?? '', others: texts.map((text) => Buffer.from(text)) };
}

const seeds = Array.from({ length: sized(3, 100) }, (_, seed) => seed + 1);

describe.each(seeds)('seed %i', (seed) => {
  it(`${FILES} damaged files are not intact, but in what nobody signs`, async () => {
    const random = randomFrom(seed);
    for (let n = 0; n < FILES; n++) {
      const { format, others, ...original } = someExport(n, random);
      const file = damaged(Buffer.from(original.text), random, others);
      expect(await faultOf(file, { format, ...original })).toBeNull();
    }
  });

  it(`${FILES} forged files are not intact, but in what nobody signs`, async () => {
    const random = randomFrom(seed + 1_000);
    const others = [...EXPORTS.map(({ records }) => records), OTHERS];
    for (let n = 0; n < FILES; n++) {
      const { records, ...original } = someExport(n, random);
      const file = Buffer.from(encode(forged(records, random, others), original.format));
      expect(await faultOf(file, original)).toBeNull();
    }
  });
});
