import { splitWords } from './secret-names';

/**
 * What a member is in an object that names another member's value, as bits: `{ name: 'client_secret', value }`,
 * `{ path: ['user', 'password'], old, new }`, JSON Patch, tags, form fields, headers, changes. A label holds the name, a
 * value what is named. A hash beside a salt is the hash of a password.
 */
export const ROLE = { none: 0, label: 1, value: 2, salt: 4, hash: 8 } as const;

const list = (words: string): ReadonlySet<string> => new Set(words.split(' '));

const LABELS = list(
  'name key field path header property prop param parameter attribute attr column variable option setting label k',
);
const VALUES = list(
  'value values val v from to old new before after previous prev next current was now lhs rhs left right original updated ' +
    'received input actual expected default data text content',
);
const HASHES = list('hash digest verifier');

/** The role of a member by its name: `fieldName` and `Key` are labels, `oldValue` and `new_values` are values. */
export function roleOf(name: string): number {
  if (name.length > 40) return ROLE.none;
  const words = splitWords(name);
  const last = words.at(-1) ?? '';
  if (last === 'salt') return ROLE.salt;
  const role = HASHES.has(last) ? ROLE.hash : ROLE.none;
  if (words.length > 2) return role;
  if (LABELS.has(last)) return role | ROLE.label;
  return words.some((word) => VALUES.has(word)) ? role | ROLE.value : role;
}

/** The name that a label gives: a text, a JSON Pointer, or a path in parts; null for what is none. */
export function labelText(label: unknown): string | null {
  if (typeof label === 'string') return label.length <= 1024 ? label : null;
  if (!Array.isArray(label) || label.length === 0 || label.length > 64) return null;
  const parts = label.map((part: unknown) => (typeof part === 'number' ? '0' : part));
  return parts.every((part) => typeof part === 'string') ? parts.join('.').slice(0, 1024) : null;
}

const HEADERS = list(
  'host user-agent accept accept-encoding accept-language authorization proxy-authorization cookie content-type ' +
    'content-length connection origin referer set-cookie x-api-key cache-control',
);

/**
 * Which items of an array are values that the item before them names: in lists of pairs (`[['password', 'x'], …]`), in
 * `rawHeaders`, and behind an option of a command line. Gives the item that names `index`; -1 where none does.
 */
export function pairedLists(items: readonly unknown[], name: string): ((index: number) => number) | null {
  const read = Math.min(items.length, MAX_HEADERS);
  let isOptions = false;
  let isFlat = items.length % 2 === 0 && items.length > 0;
  let hasHeader = /headers?$|trailers?$/i.test(name);
  for (let i = 0; i < read; i++) {
    const item = items[i];
    if (typeof item !== 'string') {
      isFlat = false;
      break;
    }
    if (item.startsWith('-')) isOptions = true;
    if (i % 2 === 0) {
      if (isFlat && !/^:?[\w-]{1,100}$/.test(item)) isFlat = false;
      hasHeader ||= HEADERS.has(item.toLowerCase());
    }
  }
  if (
    isFlat &&
    hasHeader &&
    !items.every((item) => typeof item === 'string' && HEADERS.has(item.toLowerCase()))
  )
    return (index) => (index % 2 === 1 ? index - 1 : -1);
  if (!isOptions) return null;
  return (index) => (index > 0 && isOption(items[index - 1]) && !isOption(items[index]) ? index - 1 : -1);
}

const MAX_HEADERS = 200;

function isOption(item: unknown): boolean {
  return typeof item === 'string' && /^--?[A-Za-z][\w-]*$/.test(item);
}

/** In a pair, the first item names the others. */
export const afterFirst = (index: number): number => (index > 0 ? 0 : -1);

/** Whether an array is like the entries of an object: `[['password', 'x'], ['name', 'y']]`. */
export function isListOfPairs(items: readonly unknown[]): boolean {
  if (!Array.isArray(items[0])) return false;
  const first = items.slice(0, 8);
  return first.every(
    (item) => Array.isArray(item) && item.length >= 2 && item.length <= 3 && typeof item[0] === 'string',
  );
}
