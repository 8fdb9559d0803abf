import { REDACTED } from './redacted';
import type { NameVerdict } from './secret-names';
import { isKept } from './spoken-secrets';
import type { Judge } from './span';

/** A first line that is nothing but names: `user,password`. */
const HEADER = /\ufeff?"?[\w.-]{1,60}"?(?:([,;\t|])"?[\w.-]{1,60}"?)(?:\1"?[\w.-]{1,60}"?){0,200}\r?\n/y;

/** The text of a table (CSV, or with semicolons or tabs) with a mark for each cell of a secret column; another text as it is. */
export function redactTableText(text: string, judge: Judge): string {
  if (!text.includes('\n')) return text;
  HEADER.lastIndex = 0;
  const [header, separator] = HEADER.exec(text) ?? [];
  if (header === undefined || separator === undefined) return text;
  const names = header.split(separator).map((name) => name.replace(/[\ufeff"\r\n]/g, ''));
  const columns = names.map((name) => judge(name));
  if (columns.every((verdict) => verdict === 'harmless')) return text;
  return header + redactRows(text.slice(header.length), separator, columns);
}

function redactRows(rows: string, separator: string, columns: readonly NameVerdict[]): string {
  const other = `[^${separator}\\r\\n]*`;
  const cell = new RegExp(`("(?:[^"]|"")*"?${other}|${other})([${separator}]|\\r?\\n|\\r|$)`, 'g');
  let column = 0;
  return rows.replace(cell, (whole, value: string, end: string) => {
    const verdict = columns[column] ?? 'harmless';
    column = end === separator ? column + 1 : 0;
    return verdict === 'harmless' || isKept(value, verdict) ? whole : REDACTED + end;
  });
}
