const QUOTE = '"';

/** What ends a cell that is not quoted. */
const END = /[,\r\n"]/g;

/**
 * The cells of a CSV file, as RFC 4180 says and nothing beyond it but the byte order mark.
 * @throws {Error} for what that does not allow
 */
export function csvRows(file: string): string[][] {
  const text = file.replace(/^\ufeff/, '');
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at < text.length;) {
    const cell = text[at] === QUOTE ? quotedCell(text, at + 1) : plainCell(text, at);
    row.push(cell.value);
    at = cell.end;
    if (text[at] === ',') at++;
    else if (text.startsWith('\r\n', at)) {
      rows.push(row);
      row = [];
      at += 2;
    } else throw new Error(`A cell ends in the middle of ${JSON.stringify(text.slice(at - 20, at + 20))}`);
  }
  if (row.length > 0) throw new Error('The last row has no end');
  return rows;
}

/** The rows below the header, by its names. */
export function csvRecords(text: string): Record<string, string>[] {
  const [header = [], ...rows] = csvRows(text);
  return rows.map((row) => {
    if (row.length !== header.length) throw new Error(`A row has ${row.length} cells, not ${header.length}`);
    return Object.fromEntries(row.map((cell, i) => [header[i] ?? '', cell]));
  });
}

function plainCell(text: string, begin: number): { value: string; end: number } {
  END.lastIndex = begin;
  const end = END.exec(text)?.index ?? text.length;
  return { value: text.slice(begin, end), end };
}

function quotedCell(text: string, begin: number): { value: string; end: number } {
  let value = '';
  for (let at = begin; ;) {
    const end = text.indexOf(QUOTE, at);
    if (end < 0) throw new Error('A quoted cell has no end');
    value += text.slice(at, end);
    if (text[end + 1] !== QUOTE) return { value, end: end + 1 };
    value += QUOTE;
    at = end + 2;
  }
}
