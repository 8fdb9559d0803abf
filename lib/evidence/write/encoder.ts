import { canonicalize } from '../../chain/canonical';
import type { JsonObject } from '../../chain/json';
import { BYTE_ORDER_MARK, CRLF, CSV_HEADER, csvRow, PLAIN_CSV_HEADER, plainCsvRow } from '../csv';
import { type EntryRecord, type EvidenceFormat, type EvidenceRecord, recordText } from '../records';

/** Writes one file: `begin`, what `record` gives for each record in turn, `end`. */
export interface EvidenceEncoder {
  readonly begin: string;
  /** The text of the next record; nothing where an export without proof leaves it out. */
  record(record: EvidenceRecord): string;
  readonly end: string;
}

/**
 * An encoder for one file, docs/formats.md §5. Without `proof` the file holds entries alone, with their hash.
 */
export function createEncoder(format: EvidenceFormat, proof: boolean): EvidenceEncoder {
  if (format === 'csv') return csvEncoder(proof);
  const line = proof ? recordText : plainLine;
  return format === 'json' ? jsonEncoder(line) : jsonLinesEncoder(line);
}

function csvEncoder(proof: boolean): EvidenceEncoder {
  const header = proof ? CSV_HEADER : PLAIN_CSV_HEADER;
  const row = (record: EvidenceRecord): string => (record.type === 'entry' ? plainCsvRow(record) : '');
  return {
    begin: BYTE_ORDER_MARK + header + CRLF,
    record: proof ? (record) => csvRow(record) : row,
    end: '',
  };
}

type Line = (record: EvidenceRecord) => string;

function jsonLinesEncoder(line: Line): EvidenceEncoder {
  const record = (each: EvidenceRecord): string => {
    const text = line(each);
    return text === '' ? '' : `${text}\n`;
  };
  return { begin: '', record, end: '' };
}

function jsonEncoder(line: Line): EvidenceEncoder {
  let separator = '\n';
  const record = (each: EvidenceRecord): string => {
    const text = line(each);
    if (text === '') return '';
    const separated = separator + text;
    separator = ',\n';
    return separated;
  };
  return { begin: '[', record, end: '\n]\n' };
}

function plainLine(record: EvidenceRecord): string {
  return record.type === 'entry' ? plainText(record) : '';
}

function plainText({ entry, hash }: EntryRecord): string {
  return canonicalize({ ...entry, hash } as object as JsonObject);
}
