import * as fc from 'fast-check';
import { canonicalize } from '../../../../lib/chain/canonical';
import type { Json } from '../../../../lib/chain/json';
import { csvRow } from '../../../../lib/evidence/csv';
import { readRow } from '../../../../lib/evidence/check/read-csv';
import { readJson } from '../../../../lib/evidence/check/read-json';
import {
  type EntryRecord,
  type EvidenceRecord,
  type Omitted,
  recordText,
} from '../../../../lib/evidence/records';
import { codePoint } from '../../../support/code-points';
import { chainOf, newSigner, recordsOf, withExport } from '../../../support/evidence-file';

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
    csvRow(entry).replace(/,[0-9a-f]{64},(?=")/, (hash) => hash.toUpperCase()),
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

/** The line of an entry with that metadata, written by hand. */
function lineWith(metadata: string): string {
  const line = recordText({
    ...entry,
    entry: { ...(entry as EntryRecord).entry, metadata: null },
  } as EntryRecord);
  return line.replace('"metadata":null', `"metadata":${metadata}`);
}

it('takes any value in its canonical form', () => {
  const names = fc.oneof(fc.nat(20).map(String), fc.string({ unit: codePoint, maxLength: 4 }));
  const values = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string({ unit: codePoint }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value')),
      fc.dictionary(names, tie('value'), { noNullPrototype: true }),
    ),
  })).value;
  const property = fc.property(values, (value) => {
    const line = lineWith(canonicalize(value));
    const { flaw, text } = readJson(line);
    expect(flaw).toBeNull();
    expect(line).toContain(text);
    expect(JSON.parse(text)).toMatchObject({ metadata: value });
  });
  fc.assert(property, { numRuns: 500 });
});

it.each([
  ['members out of order', '{"b":1,"a":1}'],
  ['members in the order of their numbers', '{"9":1,"10":1}'],
  ['members out of order in an array', '[[{"b":1,"a":1}]]'],
  ['a member twice', '{"a":1,"a":1}'],
  ['a space', '{"a": 1}'],
  ['an escape that is not needed', '"\\u0061"'],
  ['a number in another form', '[1.0]'],
  ['a negative zero', '[-0]'],
])('finds that %s is not canonical', (_, metadata) => {
  expect(readJson(lineWith(metadata)).flaw).toMatch('canonical');
});

it.each(['"\\ud800"', '{"\\udc00":1}'])('refuses the lone surrogate %s', (metadata) => {
  expect(() => readJson(lineWith(metadata))).toThrow(/cannot be read/);
});

it('refuses to write an entry of very many parts anew, and reads it where it is canonical', () => {
  const items = Array.from({ length: 60_000 }, (_, n) => (n % 2 === 0 ? ';' : '\\u003b\\;'));
  const record = { ...(entry as EntryRecord), entry: { ...(entry as EntryRecord).entry, metadata: items } };
  expect(readRow(csvRow(record))).toMatchObject({
    flaw: null,
    text: canonicalize(record.entry as object as Json),
  });
  const line = recordText(record);
  expect(readJson(line).flaw).toBeNull();
  expect(() => readJson(line.replace('[', '[ '))).toThrow(/not in the canonical form, and too large/);
});
