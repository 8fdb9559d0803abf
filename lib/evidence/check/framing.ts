import { CSV_HEADER, PLAIN_CSV_HEADER } from '../csv';
import { MAX_LINE_BYTES } from './line-splitter';
import { Refusal } from './problems';
import { type ReadRecord } from './read-record';
import { readRow } from './read-csv';
import { readJson } from './read-json';

/** Finds the records of one format in the lines of a file. */
interface Framing {
  line(line: string): void;
  /** @throws Refusal when something is missing. */
  end(): void;
}

type Take = (read: ReadRecord) => void;

/** Finds the records in the lines of a file, whatever its format; its first character tells which. */
export class Frames implements Framing {
  private framing: Framing | null = null;

  constructor(private readonly take: Take) {}

  /** @throws Refusal for what no evidence holds. */
  line(line: string): void {
    if (this.framing) this.framing.line(line);
    else this.framing = this.first(line);
  }

  end(): void {
    if (!this.framing) throw unreadable('The file holds no line of text.');
    this.framing.end();
  }

  private first(line: string): Framing {
    if (line === CSV_HEADER + '\r') return new CsvFraming(this.take);
    if (line === '[') return new JsonFraming(this.take);
    if (line.startsWith('{')) return jsonLines(line, this.take);
    if (line === PLAIN_CSV_HEADER + '\r') throw plainExport();
    throw unreadable(`The file is not evidence: ${beginning(line)}.`);
  }
}

function beginning(line: string): string {
  if (line.startsWith('\ufeff')) return 'it begins with a byte order mark, which evidence never has';
  if (line.startsWith('type,')) return 'its first line is not exactly the header of a CSV export';
  return 'it begins neither with the header of a CSV export, nor with the bracket of a JSON array, nor with a JSON object';
}

/** docs/formats.md §5: what an export is without `includeChainProof`. */
function plainExport(): Refusal {
  return unreadable(
    'The file is an export without proof: it holds entries, and nothing that would prove them. ' +
      'Export them again with `includeChainProof`.',
  );
}

function unreadable(message: string): Refusal {
  return new Refusal('unreadable', null, message);
}

/** The first record of a file in JSON; the entry of an export without proof begins with its action. */
function readFirst(line: string, take: Take): void {
  if (line.startsWith('{"action":')) throw plainExport();
  take(readJson(line));
}

function jsonLines(first: string, take: Take): Framing {
  readFirst(first, take);
  return { line: (line) => take(readJson(line)), end: () => undefined };
}

/** An array: `[`, the records one a line with a comma between, `]`. */
class JsonFraming implements Framing {
  private records = 0;
  private state: 'more' | 'last' | 'end' = 'more';

  constructor(private readonly take: Take) {}

  line(line: string): void {
    if (this.state === 'more') this.record(line);
    else if (this.state === 'last' && line === ']') this.state = 'end';
    else throw unreadable('Something follows the last record of the array.');
  }

  end(): void {
    if (this.state === 'end') return;
    throw new Refusal(
      'truncated',
      null,
      'The file is cut off: the bracket that closes the array is missing.',
    );
  }

  private record(line: string): void {
    const text = line.endsWith(',') ? line.slice(0, -1) : line;
    if (text === line) this.state = 'last';
    if (this.records++ === 0) readFirst(text, this.take);
    else this.take(readJson(text));
  }
}

/** Rows: a line break between quotes belongs to a cell. */
class CsvFraming implements Framing {
  private row = '';
  private isQuoted = false;

  constructor(private readonly take: Take) {}

  line(line: string): void {
    if (hasOddQuotes(line)) this.isQuoted = !this.isQuoted;
    const row = this.row + line;
    if (row.length > MAX_LINE_BYTES) throw unreadable('A row is longer than any row of evidence.');
    if (this.isQuoted || !line.endsWith('\r')) {
      this.row = `${row}\n`;
      return;
    }
    this.row = '';
    this.take(readRow(`${row}\n`));
  }

  end(): void {
    if (this.row !== '')
      throw new Refusal('truncated', null, 'The file is cut off: its last row has no end.');
  }
}

const QUOTE = 0x22;

function hasOddQuotes(line: string): boolean {
  let quotes = 0;
  for (let at = 0; at < line.length; at++) if (line.charCodeAt(at) === QUOTE) quotes++;
  return quotes % 2 === 1;
}
