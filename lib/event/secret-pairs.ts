import { type NameVerdict, splitWords } from './secret-names';
import type { Judge } from './span';
import { attempt } from '../util/attempt';

/**
 * What a member is in an object that names another member's value, as bits: `{ name: 'client_secret', value }`,
 * `{ path: ['user', 'password'], old, new }`, JSON Patch, tags, form fields, headers, changes. A label holds the name, a
 * value what is named. A hash beside a salt is the hash of a password. A kind names only what is called `value`:
 * `{ type: 'password', value }`. Columns are the names of what is in rows, or in one row.
 */
export const ROLE = {
  none: 0,
  label: 1,
  value: 2,
  salt: 4,
  hash: 8,
  kind: 16,
  columns: 32,
  rows: 64,
} as const;

const list = (words: string): ReadonlySet<string> => new Set(words.split(' '));

const LABELS = list(
  'name key field path header property prop param parameter attribute attr column variable option setting label loc k',
);
const VALUES = list(
  'value values val v from to old new before after previous prev next current was now lhs rhs left right original updated ' +
    'received input actual expected default data text content',
);
const HASHES = list('hash digest verifier');
const KINDS = list('type id title');
const COLUMNS = list('columns cols fields headers header heads head names keys attributes');
const ROWS = list('rows data values records body results tuples cells lines items table row record');

/** The role of a member by its name: `fieldName` and `Key` are labels, `oldValue` and `new_values` are values. */
export function roleOf(name: string): number {
  if (name.length > 40) return ROLE.none;
  const words = splitWords(name);
  const last = words.at(-1) ?? '';
  if (last === 'salt') return ROLE.salt;
  let role: number = HASHES.has(last) ? ROLE.hash : ROLE.none;
  if (words.length > 2) return role;
  if (COLUMNS.has(last)) role |= ROLE.columns;
  if (ROWS.has(last)) role |= ROLE.rows;
  if (words.length === 1 && KINDS.has(last)) role |= ROLE.kind;
  if (LABELS.has(last)) return role | ROLE.label;
  return words.some((word) => VALUES.has(word)) ? role | ROLE.value : role;
}

/** A name that may have a role, quickly told. */
const ROLE_HINT =
  /name|key|field|path|head|prop|param|attr|col|var|option|setting|label|loc|^[kv]$|val|from|^to$|old|new|before|after|prev|next|current|was|now|[lr]hs|left|right|original|updated|received|input|actual|expected|default|data|text|content|salt|hash|digest|verifier|type|id|title|row|record|body|result|tuple|cell|line|item|table/i;

/** Members of an object that are looked at as such that name a value. */
const MAX_NAMING = 256;

/** Of a large object, whose names are mostly data, the members that may have a role. */
export function namingMembers(names: readonly string[]): readonly string[] {
  if (names.length <= MAX_NAMING) return names;
  const naming: string[] = [];
  for (const name of names) {
    if (name.length > 24 || !ROLE_HINT.test(name)) continue;
    naming.push(name);
    if (naming.length === MAX_NAMING) break;
  }
  return naming;
}

/** The roles that any of these members has, as bits. */
export function rolesOf(members: readonly { role: number }[]): number {
  let roles: number = ROLE.none;
  for (const { role } of members) roles |= role;
  return roles;
}

/**
 * What members are since another one names them, by their names; null where none does.
 * @param members what `names` tell, each with its `ROLE`s as bits
 * @param all the roles that any of them has
 */
export function verdictsOfPairs(
  names: readonly string[],
  members: readonly { role: number }[],
  all: number,
  read: (name: string) => unknown,
  judge: Judge,
): Map<string, NameVerdict> | null {
  const isHashed = (all & ROLE.salt) > 0 && (all & ROLE.hash) > 0;
  const isPair = (all & (ROLE.label | ROLE.kind)) > 0 && (all & ROLE.value) > 0;
  const label = isPair ? labelVerdict(ROLE.label, names, members, read, judge) : 'harmless';
  const isOfKind = isPair && label === 'harmless' && (all & ROLE.kind) > 0;
  const kind = isOfKind ? labelVerdict(ROLE.kind, names, members, read, judge) : 'harmless';
  if (label === 'harmless' && kind === 'harmless' && !isHashed) return null;
  const verdicts = new Map<string, NameVerdict>();
  for (const [at, name] of names.entries()) {
    const { role } = members[at] as { role: number };
    if (isHashed && (role & ROLE.hash) > 0) verdicts.set(name, 'secret');
    else if ((role & ROLE.value) > 0) {
      const isPointer = name === 'from' && names.includes('op');
      const verdict = /^values?$/i.test(name) && label === 'harmless' ? kind : label;
      if (verdict !== 'harmless' && !isPointer) verdicts.set(name, verdict);
    }
  }
  return verdicts;
}

/** What the labels of an object, or its kinds, say about its values. */
function labelVerdict(
  role: number,
  names: readonly string[],
  members: readonly { role: number }[],
  read: (name: string) => unknown,
  judge: Judge,
): NameVerdict {
  for (const [at, member] of members.entries()) {
    if ((member.role & role) === 0) continue;
    const isList = (member.role & ROLE.columns) > 0; // an array there holds names, not the parts of one
    const text = attempt(() => {
      const label = read(names[at] as string);
      return isList && typeof label !== 'string' ? null : labelText(label);
    });
    const verdict = typeof text === 'string' ? judge(text) : 'harmless';
    if (verdict !== 'harmless') return verdict;
  }
  return 'harmless';
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
