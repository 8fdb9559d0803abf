import type { Entry } from '../../../lib/chain/entry';
import type { Item } from '../data/items';
import type { TrailList } from '../data/trail-list';

/** Somebody who searches what is loaded has more loaded until so many are found, or so many were searched. */
export const FOUND = 50;
export const SEARCHED = 3000;

/** Characters of an entry that are searched. */
const HAYSTACK = 20_000;

/** The rows that the list shows. */
export interface RowSource {
  count: number;
  at(index: number): Item | null;
}

const haystacks = new WeakMap<Entry, string>();

/** All rows, or those that hold a text. */
export function rowsOf(list: TrailList, search: string): RowSource {
  const needle = search.trim().toLowerCase();
  if (needle === '') return { count: list.count, at: (index) => list.at(index) };
  const found: Item[] = [];
  for (const { item } of list.loaded()) if (textOf(item).includes(needle)) found.push(item);
  return { count: found.length, at: (index) => found[index] ?? null };
}

/** The row of an entry, where it is in memory. */
export function indexOfEntry(rows: RowSource, id: string): number | null {
  for (let index = 0; index < rows.count; index++) if (rows.at(index)?.entry?.id === id) return index;
  return null;
}

function textOf(item: Item): string {
  const { entry } = item;
  if (!entry) return item.fault.message.toLowerCase();
  const known = haystacks.get(entry);
  if (known !== undefined) return known;
  const { hash: _, prevHash: __, v: ___, ...shown } = entry;
  const text = JSON.stringify(shown).slice(0, HAYSTACK).toLowerCase();
  haystacks.set(entry, text);
  return text;
}
