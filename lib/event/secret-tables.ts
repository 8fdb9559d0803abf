import type { NameVerdict } from './secret-names';
import type { Judge } from './span';
import { attempt } from '../util/attempt';

/** What the columns of a table say about their cells. */
export type Columns = readonly NameVerdict[];

const MAX_COLUMNS = 1_024;

/** The columns that a list of names, or of objects with one, gives; null where none of them is secret. */
export function secretColumns(heads: unknown, judge: Judge): Columns | null {
  if (!Array.isArray(heads) || heads.length > MAX_COLUMNS) return null;
  const columns = heads.map((head) => {
    const name = headName(head);
    return name === undefined ? 'harmless' : judge(name);
  });
  return columns.some((verdict) => verdict !== 'harmless') ? columns : null;
}

const NAMES_OF_HEADS = ['name', 'field', 'key', 'columnName', 'accessorKey', 'dataIndex', 'id', 'title'];

function headName(head: unknown): string | undefined {
  if (typeof head === 'string') return head.length <= 200 ? head : undefined;
  if (typeof head !== 'object' || head === null) return undefined;
  for (const member of NAMES_OF_HEADS) {
    const name = attempt(() => (head as Record<string, unknown>)[member]);
    if (typeof name === 'string' && name.length <= 200) return name;
  }
  return undefined;
}

/** Rows that are looked at to tell that an array is a table. */
const LOOKED_AT = 8;

/** What the first of two columns is called when the rows below are no pairs of names and values. */
const IDENTIFYING =
  /(?:^|[\W_]|[a-z](?=[A-Z]))(?:id|no|number|users?|(?:user|login|nick)?name|e-?mail|login|account|customer|member|employee|contact|person|tenant|org|host|service|site|app|system|device)$/i;

/** The columns of an array of rows whose first row holds names: `[['user', 'password'], ['ann', 'x']]`; null for another. */
export function columnsOfRows(items: readonly unknown[], judge: Judge): Columns | null {
  const heads = items[0];
  if (!Array.isArray(heads) || heads.length < 2 || items.length < 2) return null;
  const columns = heads.every((head) => typeof head === 'string') ? secretColumns(heads, judge) : null;
  if (!columns) return null;
  // A list of pairs may begin with a secret one.
  if (heads.length <= 3 && columns[0] !== 'harmless') return null;
  if (heads.length === 2 && !IDENTIFYING.test(heads[0] as string)) return null;
  const rows = items.slice(1, LOOKED_AT);
  return rows.every((row) => Array.isArray(row) && row.length === heads.length) ? columns : null;
}

/** What an array is called that has a value for each name beside it: `{ keys: [...], values: [...] }`. */
const ROW = /^(?:values?|row|record|data|cells|params)$/i;

/** Whether the array `name`, which stands beside names, is one row, not many. */
export function isRow(name: string, items: readonly unknown[], columns: Columns): boolean {
  return (
    ROW.test(name) &&
    items.length === columns.length &&
    items.every((item) => typeof item !== 'object' || item === null)
  );
}
