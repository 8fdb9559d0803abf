import { isHash } from '../../chain/entry';
import { replaceEach } from '../../util/replace-each';
import { COLUMNS, csvRow } from '../csv';
import type { EntryRecord, EvidenceRecord, Omitted } from '../records';
import { assertObject } from './json-shape';
import { Refusal } from './problems';
import { assertEntryMembers } from './read-entry';
import { isCanonicalText } from './nesting';
import { canonical, parseJson, type ReadRecord, readOtherRecord, withText } from './read-record';
import { readOmitted } from './record-shape';

/** The commas between `seq` and `hash`. */
const BETWEEN = COLUMNS.indexOf('hash') - COLUMNS.indexOf('seq');

const OMITTED_ROW = new RegExp(`^omitted,(\\d{1,16})(?:-(\\d{1,16}))?,{${BETWEEN}}([0-9a-f]{64}),\r\n$`);

/** What stands before an object's text in its cell: within a cell, quotes stand in pairs. */
const OBJECT_CELL = ',"{""';

const HASH_DIGITS = 64;

/** How a semicolon stands in the cell `entry`, behind backslashes in pairs. */
const SEMICOLON = /(?<!\\)((?:\\\\)*)\\u003b/g;

/**
 * Reads a row of CSV. Of its cells only those that make up the record are read; the row must then be the one that this
 * record gives, which holds the readable cells to the entry (docs/formats.md §5).
 * @param row with the CRLF at its end
 * @throws Refusal for what is no record.
 */
export function readRow(row: string): ReadRecord {
  const read = row.startsWith('entry,') ? readEntryRow(row) : { record: readOtherRow(row), text: '' };
  const expected = canonical(() => csvRow(read.record, read.text));
  return { ...read, flaw: expected === row ? null : describeDifference(expected, row) };
}

function readEntryRow(row: string): { record: EntryRecord; text: string } {
  const at = row.lastIndexOf(OBJECT_CELL);
  const text = lastCell(row, at);
  const members = assertObject(parseJson(text), 'The cell `entry`');
  const entry = assertEntryMembers(members);
  const hash = row.slice(Math.max(0, at - HASH_DIGITS), at);
  if (!isHash(hash))
    throw new Refusal(
      'altered',
      entry.seq,
      `The row of entry ${entry.seq} has no hash of 64 lower-case hex digits.`,
    );
  const record: EntryRecord = { type: 'entry', entry, hash };
  const plain = text.includes('\\u003b') ? text.replace(SEMICOLON, '$1;') : text;
  return isCanonicalText(plain) ? { record, text: plain } : withText(record, text);
}

function readOtherRow(row: string): EvidenceRecord {
  const omitted = OMITTED_ROW.exec(row);
  if (omitted) return readOmittedRow(omitted);
  const type = row.slice(0, row.indexOf(','));
  if (type !== 'manifest' && type !== 'checkpoint')
    throw new Refusal('unreadable', null, 'The file holds a row that is none of evidence.');
  const members = assertObject(parseJson(lastCell(row, row.lastIndexOf(OBJECT_CELL))), 'The cell `entry`');
  const record = readOtherRecord(members);
  if (record.type === type) return record;
  throw new Refusal('unreadable', null, `A row of type ${type} holds a record of another type.`);
}

function readOmittedRow([, first, last = first, hash]: RegExpExecArray): Omitted {
  return readOmitted({ type: 'omitted', first: Number(first), last: Number(last), hash });
}

/** The text of the last cell, which begins behind the comma at `at`. */
function lastCell(row: string, at: number): string {
  if (at < 0 || !row.endsWith('}"\r\n'))
    throw new Refusal(
      'unreadable',
      null,
      'The file holds a row without the object that its last cell should be.',
    );
  return replaceEach(row.slice(at + 2, -3), '""', '"');
}

/** The column of the first cell in which a row differs from the right one. */
function describeDifference(expected: string, row: string): string {
  let [at, commas, isQuoted] = [0, 0, false];
  for (; at < expected.length && expected[at] === row[at]; at++) {
    if (expected[at] === '"') isQuoted = !isQuoted;
    if (expected[at] === ',' && !isQuoted) commas++;
  }
  return `the cell \`${COLUMNS[Math.min(commas, COLUMNS.length - 1)] as string}\` is not that of its record`;
}
