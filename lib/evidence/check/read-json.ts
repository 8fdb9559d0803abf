import { isHash } from '../../chain/entry';
import { type EntryRecord, recordText } from '../records';
import { assertObject, type Members } from './json-shape';
import { Refusal } from './problems';
import { assertEntryMembers } from './read-entry';
import { isCanonicalText } from './nesting';
import { canonical, parseJson, type ReadRecord, readOtherRecord, withText } from './read-record';

const NOT_CANONICAL =
  'it is not written in the canonical form: its spaces, its escapes, its numbers, or the order or number of its members differ';

/**
 * Reads a line of JSON, docs/formats.md §5.1 rule 1.
 * @throws Refusal for what is no record.
 */
export function readJson(line: string): ReadRecord {
  const members = assertObject(parseJson(line), 'A line');
  if (members['type'] !== 'entry') {
    const record = readOtherRecord(members);
    return { record, text: '', flaw: isLineFor(line, { record, text: '' }) ? null : NOT_CANONICAL };
  }
  const record = readEntryRecord(members);
  if (isCanonicalText(line))
    return { record, text: line.slice(ENTRY_BEGINS.length, -ENTRY_ENDING), flaw: null };
  const read = withText(record, line);
  return { ...read, flaw: isLineFor(line, read) ? null : NOT_CANONICAL };
}

const ENTRY_BEGINS = '{"entry":';

/** Characters behind the entry in its line. */
const ENTRY_ENDING = `,"hash":"${'0'.repeat(64)}","type":"entry"}`.length;

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
