import type { Json, JsonObject } from '../chain/json';
import { replaceEach } from '../util/replace-each';
import { canonicalBeginning } from './canonical-beginning';
import { type EntryRecord, entryText, type EvidenceRecord, type Omitted, recordText } from './records';

/** The columns that evidence and plain exports share. */
const READABLE = [
  'seq',
  'recordedAt',
  'occurredAt',
  'actor',
  'actorType',
  'actorName',
  'onBehalfOf',
  'action',
  'resource',
  'resourceType',
  'resourceName',
  'outcome',
  'ipAddress',
  'userAgent',
  'method',
  'route',
  'path',
  'statusCode',
  'durationMs',
  'requestId',
  'traceId',
  'via',
  'metadata',
  'before',
  'after',
  'id',
  'prevHash',
  'hash',
];

/** The columns of evidence: docs/formats.md §5. */
export const COLUMNS = ['type', ...READABLE, 'entry'];

/** Begins each file: without it, spreadsheets take UTF-8 for another encoding. */
export const BYTE_ORDER_MARK = '\ufeff';

/** RFC 4180: ends each row. */
export const CRLF = '\r\n';

/** The first row of evidence, without its line break. */
export const CSV_HEADER = COLUMNS.join(',');

/** The first row of an export without proof, without its line break. */
export const PLAIN_CSV_HEADER = READABLE.join(',');

/** Cells between `seq` and `hash`. */
const BETWEEN = ','.repeat(READABLE.length - 1);

/** UTF-16 code units that spreadsheets take in a cell: with more, they break the row. */
const MAX_CELL = 32_767;

/** UTF-16 code units that are kept of a longer cell. */
const KEPT = 32_000;

const CUT = '…[cut]';

/** A character that makes a spreadsheet run a cell, at its beginning or where one that splits at it lets a cell begin. */
const FORMULA = /(?<=^|[;\t\r\n])(?=[=+\-@＝＋－＠\t\r])/g;

/** Cheaper than the pattern above, and true of nearly no cell. */
const MAYBE_UNSAFE = /^[=+\-@＝＋－＠\t\r]|[;\t\r\n\0]/;

/** What ends a cell for some program, and the quote itself. */
const NEEDS_QUOTES = /[",\r\n;\t]/;

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
  const context = isObject(entry.context) ? entry.context : {};
  const ofContext = (name: string) => contextCell(context, name);
  return [
    entry.seq,
    entry.recordedAt,
    entry.occurredAt,
    cell(entry.actor),
    cell(entry.actorType),
    cell(entry.actorName),
    cell(entry.onBehalfOf),
    cell(entry.action),
    cell(entry.resource),
    cell(entry.resourceType),
    cell(entry.resourceName),
    cell(entry.outcome),
    ofContext('ipAddress'),
    ofContext('userAgent'),
    ofContext('method'),
    ofContext('route'),
    ofContext('path'),
    ofContext('statusCode'),
    ofContext('durationMs'),
    ofContext('requestId'),
    ofContext('traceId'),
    cell(entry.via),
    jsonCell(entry.metadata),
    jsonCell(entry.before),
    jsonCell(entry.after),
    cell(entry.id),
    entry.prevHash,
    hash,
  ].join(',');
}

function contextCell(context: JsonObject, name: string): string {
  const value = Object.hasOwn(context, name) ? context[name] : undefined;
  return typeof value === 'string' ? cell(value) : jsonCell(value);
}

/** Canonical text, of strings too: the string `null` must not look like null. */
function jsonCell(value: Json | undefined): string {
  return value === undefined ? '' : cell(canonicalBeginning(value, MAX_CELL));
}

function cell(text: string | undefined): string {
  if (text === undefined) return '';
  const isLong = text.length > MAX_CELL;
  // What makes a cell safe only adds to it: what is cut off need not be looked at.
  const beginning = isLong ? text.slice(0, MAX_CELL) : text;
  const safe = MAYBE_UNSAFE.test(beginning) ? makeSafe(beginning) : beginning;
  const fitting = isLong || safe.length > MAX_CELL ? cut(safe) : safe;
  return NEEDS_QUOTES.test(fitting) ? quoted(fitting) : fitting;
}

/** Programs drop U+0000, and what follows comes first. */
function makeSafe(text: string): string {
  return text.replaceAll('\0', '\ufffd').replace(FORMULA, "'");
}

function cut(text: string): string {
  const last = text.charCodeAt(KEPT - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? KEPT - 1 : KEPT) + CUT;
}

/** Canonical text in the column `entry`: JSON reads `\u003b` as the semicolon that a spreadsheet might split at. */
function textCell(text: string): string {
  return quoted(text.includes(';') ? replaceEach(text, ';', '\\u003b') : text);
}

function quoted(text: string): string {
  return `"${replaceEach(text, '"', '""')}"`;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
