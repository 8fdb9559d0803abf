/** A row of a CSV file (RFC 4180). */
export function csvRow(cells: string[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

/**
 * A spreadsheet would run what begins like a formula, also behind what it trims or drops: white space (no-break spaces are
 * such), control characters, characters without width. In half of the world a semicolon separates cells, too.
 */
const FORMULA = /(?<=^|[;\t\r\n])(?=(?:(?![\t\r\n])[\s\p{Cc}\p{Cf}])*[=+\-@＝＋－＠]|[\t\r])/gu;

function cell(text: string): string {
  const harmless = text.replaceAll('\0', '\ufffd').replace(FORMULA, "'");
  return `"${harmless.replaceAll('"', '""')}"`;
}
