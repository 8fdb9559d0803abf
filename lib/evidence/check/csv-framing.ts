import { CRLF } from '../csv';
import { MAX_LINE_BYTES } from './line-splitter';
import { Refusal } from './problems';
import { readRow } from './read-csv';
import { type ReadRecord } from './read-record';

/** What ends each row of a file: CRLF as it was written, or LF alone as some programs save it. */
export type CsvLineEnd = typeof CRLF | '\n';

/**
 * Line breaks that a row may have within its cells. JSON has none, and other texts of entries have at most 1,024
 * characters; this is as many as the readable cells could hold.
 */
const MAX_LINES = 1_000_000;

const QUOTE = 0x22;

/** Finds the rows of a CSV file in its lines: a line break between quotes belongs to a cell. */
export class CsvFraming {
  /** The lines of a row so far, and their characters. */
  private lines: string[] = [];
  private length = 0;
  private isQuoted = false;

  constructor(
    private readonly lineEnd: CsvLineEnd,
    private readonly take: (read: ReadRecord) => void,
  ) {}

  /** @throws Refusal for what is no row of evidence. */
  line(line: string): void {
    if (hasOddQuotes(line)) this.isQuoted = !this.isQuoted;
    this.length += line.length + 1;
    if (this.lines.push(line) > MAX_LINES || this.length > MAX_LINE_BYTES)
      throw unreadable('A row is longer than any row of evidence.');
    if (this.isQuoted) return;
    if (line.endsWith('\r') !== (this.lineEnd === CRLF)) throw unreadable(MIXED_LINE_ENDS);
    const row = this.lines.join('\n');
    this.lines = [];
    this.length = 0;
    this.take(readRow(row + (this.lineEnd === CRLF ? '\n' : CRLF)));
  }

  /** @throws Refusal when the last row has no end. */
  end(): void {
    if (this.lines.length === 0) return;
    throw new Refusal('truncated', null, 'The file is cut off: its last row has no end.');
  }
}

const MIXED_LINE_ENDS =
  'Some rows end in CR LF, and others in a line feed alone. Most likely the file was changed by a program or put together from two: check the file as you got it.';

function unreadable(message: string): Refusal {
  return new Refusal('unreadable', null, message);
}

function hasOddQuotes(line: string): boolean {
  let quotes = 0;
  for (let at = 0; at < line.length; at++) if (line.charCodeAt(at) === QUOTE) quotes++;
  return quotes % 2 === 1;
}
