import { BYTE_ORDER_MARK, CRLF, CSV_HEADER, PLAIN_CSV_HEADER } from '../csv';
import { type CsvLineEnd, CsvFraming } from './csv-framing';
import { Refusal } from './problems';
import { type ReadRecord } from './read-record';
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
    const [header, lineEnd] = readHeader(line);
    if (header === CSV_HEADER) return new CsvFraming(lineEnd, this.take);
    if (header === PLAIN_CSV_HEADER) throw plainExport();
    if (line === '[') return new JsonFraming(this.take);
    if (line.startsWith('{')) return jsonLines(line, this.take);
    throw unreadable(`The file is not evidence: ${describeBeginning(line)}.`);
  }
}

/** The header row of a CSV file, which may lack the byte order mark, and have another line end. */
export function readHeader(line: string): [header: string, lineEnd: CsvLineEnd] {
  const text = line.startsWith(BYTE_ORDER_MARK) ? line.slice(1) : line;
  return text.endsWith('\r') ? [text.slice(0, -1), CRLF] : [text, '\n'];
}

/** What most likely was done to a file that does not begin as evidence does. */
function describeBeginning(line: string): string {
  const text = line.replace(/^\ufeff+/, '');
  if (text !== line && /^[[{]/.test(text))
    return 'it begins with a byte order mark, which JSON never has. Most likely an editor saved it again: check the file as you got it';
  if (/^\[\r?$/.test(text)) return `it has ${OTHER_LINE_ENDS}`;
  if (line.includes('\0'))
    return 'it is in UTF-16, or no text at all. Most likely a program saved it again in another encoding: check the file as you got it';
  if (/^"?type"?[,;\t]/.test(text) || /^"?seq"?[,;\t]/.test(text))
    return 'its first line is not exactly the header of a CSV export. Most likely a spreadsheet saved it again: check the file as you got it';
  return 'it begins neither with the header of a CSV export, nor with the bracket of a JSON array, nor with a JSON object';
}

const OTHER_LINE_ENDS =
  'line ends of another kind (CR LF) than the canonical form, whose lines end in a line feed alone. Most likely an editor or a mail program saved it again: check the file as you got it';

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
  if (line.endsWith('\r')) throw new Refusal('altered', null, `The file has ${OTHER_LINE_ENDS}.`);
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
