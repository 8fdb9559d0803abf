import { AuditError } from '../../errors';
import { COLUMNS, csvRow } from '../csv';
import { assertEntryMembers } from './read-entry';
import { isDeeperThan } from './nesting';
import { Refusal } from './problems';
import { type EntryRecord, type EvidenceRecord, entryText, type Omitted, recordText } from '../records';
import { readCheckpoint, readManifest, readOmitted } from './record-shape';
import { isHash } from '../../chain/entry';
import { assertObject, type Members } from './json-shape';

/** A record as it stands in a file. */
export interface ReadRecord {
  record: EvidenceRecord;
  /** The canonical text of an entry's record; else empty. */
  text: string;
  /** Where the bytes of the file are not those that an export has; null where they are. */
  flaw: string | null;
}

/** Levels of a record's JSON: 32 within each value of an entry (formats.md §1), the entry, the record. */
const MAX_LEVELS = 34;

const NOT_CANONICAL =
  'it is not written in the canonical form: its spaces, its escapes, its numbers, or the order or number of its members differ';

/**
 * Reads a line of JSON, formats.md §5.1 rule 1.
 * @throws Refusal for what is no record.
 */
export function readJson(line: string): ReadRecord {
  const members = assertObject(parse(line), 'A line');
  if (members['type'] !== 'entry') {
    const record = readOtherRecord(members);
    return { record, text: '', flaw: isLineFor(line, { record, text: '' }) ? null : NOT_CANONICAL };
  }
  const record = readEntryRecord(members);
  if (isCanonical(line, members))
    return { record, text: line.slice(ENTRY_BEGINS.length, -ENTRY_ENDING), flaw: null };
  const read = withText(record);
  return { ...read, flaw: isLineFor(line, read) ? null : NOT_CANONICAL };
}

const ENTRY_BEGINS = '{"entry":';

/** Characters behind the entry in its line. */
const ENTRY_ENDING = `,"hash":"${'0'.repeat(64)}","type":"entry"}`.length;

/**
 * Whether a line is the canonical text of its value, told without writing that: JSON.stringify gives the canonical form
 * of all but the order of members, which it leaves as it is, and of lone surrogates. False where this cannot tell.
 */
function isCanonical(line: string, value: Members): boolean {
  return JSON.stringify(value) === line && !line.includes('\\ud') && isSorted(value);
}

function isSorted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isSorted);
  const names = Object.keys(value);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const member = (value as Members)[name];
    if ((i > 0 && name < (names[i - 1] as string)) || (typeof member === 'object' && !isSorted(member)))
      return false;
  }
  return true;
}

/** Piece by piece: putting an entry's line together once more would take longer than hashing it. */
function isLineFor(line: string, { record, text }: Omit<ReadRecord, 'flaw'>): boolean {
  if (record.type !== 'entry') return canonical(() => recordText(record)) === line;
  const ending = `,"hash":"${record.hash}","type":"entry"}`;
  return (
    line.length === ENTRY_BEGINS.length + text.length + ending.length &&
    line.startsWith(ENTRY_BEGINS) &&
    line.startsWith(text, ENTRY_BEGINS.length) &&
    line.endsWith(ending)
  );
}

function readOtherRecord(members: Members): EvidenceRecord {
  switch (members['type']) {
    case 'manifest':
      return readManifest(members);
    case 'omitted':
      return readOmitted(members);
    case 'checkpoint':
      return readCheckpoint(members);
    default:
      throw new Refusal('unreadable', null, 'The file holds a record of an unknown type.');
  }
}

function readEntryRecord(members: Members): EntryRecord {
  const { entry, hash } = members;
  const read = assertEntryMembers(assertObject(entry, 'An entry'));
  const extra = Object.keys(members).length !== 3;
  if (extra || !isHash(hash)) {
    const fault = extra ? 'has an unknown member' : 'has no hash of 64 lower-case hex digits';
    throw new Refusal('altered', read.seq, `The record of entry ${read.seq} ${fault}.`);
  }
  return { type: 'entry', entry: read, hash };
}

function withText(record: EntryRecord): { record: EntryRecord; text: string } {
  return { record, text: canonical(() => entryText(record.entry)) };
}

/** Every text that goes in comes from JSON.parse, which lets pass what JSON cannot hold: `1E400` and lone surrogates. */
function canonical(textOf: () => string): string {
  try {
    return textOf();
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    throw new Refusal('unreadable', null, `A record cannot be read: ${error.message}`);
  }
}

function parse(text: string): unknown {
  if (isDeeperThan(text, MAX_LEVELS))
    throw new Refusal('unreadable', null, 'A record is nested deeper than any record of evidence.');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Refusal('unreadable', null, `The file holds something that is not JSON.`);
  }
}

const OMITTED_ROW = /^omitted,(\d{1,16})(?:-(\d{1,16}))?,{13}([0-9a-f]{64}),\r\n$/;

/** What stands before an object's text in its cell: within a cell, quotes stand in pairs. */
const OBJECT_CELL = ',"{""';

const HASH_DIGITS = 64;

/**
 * Reads a row of CSV. Of its cells only those that make up the record are read; the row must then be the one that this
 * record gives, which holds the readable cells to the entry (formats.md §5).
 * @throws Refusal for what is no record.
 */
export function readRow(row: string): ReadRecord {
  const read = row.startsWith('entry,') ? readEntryRow(row) : { record: readOtherRow(row), text: '' };
  const expected = canonical(() => csvRow(read.record, read.text));
  return {
    ...read,
    flaw: expected === row ? null : `${firstDifference(expected, row)} is not that of its record`,
  };
}

function readEntryRow(row: string): { record: EntryRecord; text: string } {
  const at = row.lastIndexOf(OBJECT_CELL);
  const text = lastCell(row, at);
  const members = assertObject(parse(text), 'The cell `entry`');
  const entry = assertEntryMembers(members);
  const hash = row.slice(Math.max(0, at - HASH_DIGITS), at);
  if (!isHash(hash))
    throw new Refusal(
      'altered',
      entry.seq,
      `The row of entry ${entry.seq} has no hash of 64 lower-case hex digits.`,
    );
  const record: EntryRecord = { type: 'entry', entry, hash };
  return isCanonical(text, members) ? { record, text } : withText(record);
}

function readOtherRow(row: string): EvidenceRecord {
  const omitted = OMITTED_ROW.exec(row);
  if (omitted) return readOmittedRow(omitted);
  const type = row.slice(0, row.indexOf(','));
  if (type !== 'manifest' && type !== 'checkpoint')
    throw new Refusal('unreadable', null, 'The file holds a row that is none of evidence.');
  const members = assertObject(parse(lastCell(row, row.lastIndexOf(OBJECT_CELL))), 'The cell `entry`');
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
  return row.slice(at + 2, -3).replaceAll('""', '"');
}

/** The column of the first cell in which a row differs from the right one. */
function firstDifference(expected: string, row: string): string {
  let at = 0;
  while (at < expected.length && expected[at] === row[at]) at++;
  const quoted = /"[^"]*"?/g;
  const commas = expected.slice(0, at).replace(quoted, '').split(',').length - 1;
  return `the cell \`${COLUMNS[Math.min(commas, COLUMNS.length - 1)] as string}\``;
}
