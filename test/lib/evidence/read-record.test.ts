import { csvRow } from '../../../lib/evidence/csv';
import { readJson, readRow } from '../../../lib/evidence/read-record';
import { recordText, type EvidenceRecord, type Omitted } from '../../../lib/evidence/records';
import { chainOf, newSigner, recordsOf, withExport } from '../../support/evidence-file';

const entries = withExport(chainOf(5), { action: 'auth.*' });
const records = recordsOf(entries, { action: 'auth.*' }, newSigner());

it.each(records.map((record): [string, EvidenceRecord] => [record.type, record]))(
  'reads what was written: %s',
  (_, record) => {
    expect(readJson(recordText(record))).toMatchObject({ record, flaw: null });
    expect(readRow(csvRow(record))).toMatchObject({ record, flaw: null });
  },
);

const entry = records.find(({ type }) => type === 'entry')!;
const omitted = records.find(({ type }) => type === 'omitted') as Omitted;

it('refuses a member beside an entry', () => {
  const line = recordText(entry).replace(/"type":"entry"\}$/, '"type":"entry","why":1}');
  expect(() => readJson(line)).toThrow(/The record of entry 5 has an unknown member/);
});

it.each([
  [
    'a hash in upper case',
    csvRow(entry).replace(/,[0-9a-f]{64},/, (hash) => hash.toUpperCase()),
    /no hash of 64/,
  ],
  ['no cell for the entry', 'entry,1,,\r\n', /without the object/],
  ['a type that begins alike', `entry2${csvRow(entry).slice(5)}`, /none of evidence/],
  ['a range of one', csvRow({ ...omitted, last: omitted.first }).replace('1,', '1-1,'), /./],
])('refuses a row with %s', (_, row, message) => {
  const read = (): string | null => readRow(row).flaw;
  let flaw: string | null;
  try {
    flaw = read();
  } catch (error) {
    flaw = String(error);
  }
  expect(flaw).toMatch(message);
});

it('names the first cell that differs', () => {
  expect(readRow(csvRow(omitted).replace('omitted,1-4', 'omitted,01-4')).flaw).toContain('the cell `seq`');
  expect(readRow(csvRow(entry).replace('203.0.113.9', '=x')).flaw).toContain('the cell `ipAddress`');
});
