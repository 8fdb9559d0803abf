import { canonicalize } from '../chain/canonical';
import type { Json, JsonObject } from '../chain/json';
import { type EntryRecord, entryText, type EvidenceRecord, type Omitted, recordText } from './records';

/** The columns that evidence and plain exports share. */
const READABLE = [
  'seq',
  'recordedAt',
  'occurredAt',
  'actor',
  'onBehalfOf',
  'action',
  'resource',
  'outcome',
  'ipAddress',
  'userAgent',
  'metadata',
  'before',
  'after',
  'hash',
];

/** The columns of evidence: docs/formats.md §5. */
export const COLUMNS = ['type', ...READABLE, 'entry'];

/** RFC 4180: ends each row. */
export const CRLF = '\r\n';

/** The first row of evidence, without its line break. */
export const CSV_HEADER = COLUMNS.join(',');

/** The first row of an export without proof, without its line break. */
export const PLAIN_CSV_HEADER = READABLE.join(',');

/** Cells between `seq` and `hash`. */
const BETWEEN = ','.repeat(READABLE.length - 1);

/** A character that makes a spreadsheet run a cell, at its beginning or where one that splits at it lets a cell begin. */
const FORMULA = /(?<=^|[;\t\r\n])(?=[=+\-@＝＋－＠\t\r])/g;

/** Cheaper than the pattern above, and true of nearly no cell. */
const MAYBE_FORMULA = /^[=+\-@＝＋－＠\t\r]|[;\t\r\n]/;

const NEEDS_QUOTES = /[",\r\n]/;

/** A row of evidence, with its line break. `text` is that of the record's entry, when it is known already. */
export function csvRow(record: EvidenceRecord, text?: string): string {
  switch (record.type) {
    case 'entry': {
      const known = text ?? entryText(record.entry);
      return `entry,${readableCells(record)},${textCell(known)}${CRLF}`;
    }
    case 'omitted':
      return `omitted,${omittedRange(record)}${BETWEEN}${record.hash},${CRLF}`;
    default:
      return `${record.type},${BETWEEN},${textCell(recordText(record))}${CRLF}`;
  }
}

/** A row of an export without proof, with its line break. */
export function plainCsvRow(record: EntryRecord): string {
  return readableCells(record) + CRLF;
}

function omittedRange({ first, last }: Omitted): string {
  return first === last ? String(first) : `${first}-${last}`;
}

// Numbers, instants and hashes cannot begin a formula: they stand as they are.
function readableCells({ entry, hash }: EntryRecord): string {
  const { seq, recordedAt, occurredAt, actor, onBehalfOf, action, resource, outcome } = entry;
  const context = isObject(entry.context) ? entry.context : {};
  return (
    `${seq},${recordedAt},${occurredAt},${cell(actor)},${cell(onBehalfOf)},${cell(action)},${cell(resource)},` +
    `${cell(outcome)},${contextCell(context, 'ipAddress')},${contextCell(context, 'userAgent')},` +
    `${jsonCell(entry.metadata)},${jsonCell(entry.before)},${jsonCell(entry.after)},${hash}`
  );
}

function contextCell(context: JsonObject, name: string): string {
  const value = Object.hasOwn(context, name) ? context[name] : undefined;
  return typeof value === 'string' ? cell(value) : jsonCell(value);
}

/** Canonical text, of strings too: the string `null` must not look like null. */
function jsonCell(value: Json | undefined): string {
  return value === undefined ? '' : cell(canonicalize(value));
}

function cell(text: string | undefined): string {
  if (text === undefined) return '';
  const safe = MAYBE_FORMULA.test(text) ? text.replace(FORMULA, "'") : text;
  return NEEDS_QUOTES.test(safe) ? quoted(safe) : safe;
}

/** Canonical text in the column `entry`: JSON reads `\u003b` as the semicolon that a spreadsheet might split at. */
function textCell(text: string): string {
  return quoted(text.includes(';') ? text.replaceAll(';', '\\u003b') : text);
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
