import type { Json, JsonObject } from '../chain/json';
import { encodeBase64 } from '../util/base64';
import { setMember } from '../chain/set-member';
import { type Builtin, builtinOf } from './builtin';
import { bytesOfJson, driverValue } from './driver-values';
import { readFlag } from './read-flag';
import { ReadingLimit } from './reading-limit';
import type { NameVerdict } from './secret-names';
import { parseJsonText } from './json-text';
import {
  afterFirst,
  isListOfPairs,
  namingMembers,
  pairedLists,
  ROLE,
  rolesOf,
  verdictsOfPairs,
} from './secret-pairs';
import { type Columns, columnsOfRows, isRow, secretColumns } from './secret-tables';
import { StorableNames } from './storable-names';
import { MARGIN, type MemberName, REDACTED, type Secrets } from './secrets';
import { attempt } from '../util/attempt';
import { byName, fileOf, webPairs } from './web-values';

/** Levels of objects and arrays, the outermost being the first. */
const MAX_DEPTH = 32;

/** Objects on the way to a value: more than levels, since `toJSON` may give one object for another without end. */
const MAX_ANCESTORS = 4 * MAX_DEPTH;

/** JSON texts within JSON texts that are read as such. */
const MAX_NESTED_TEXTS = 4;

/** Members that an object may have whose names are remembered; those of larger ones are data. */
const MAX_KNOWN = 256;

const TRUNCATED = '[Truncated]';
const CIRCULAR = '[Circular]';
const UNREADABLE = '[Unreadable]';

/**
 * Makes any JavaScript value JSON, as docs/formats.md §1 says, with secrets redacted. It never throws, whatever the
 * getters, proxies and `toJSON` of the value do. Gives `undefined` for what JSON drops: functions, symbols, `undefined`.
 * @param name the member that holds the value: decides, with the value's shape, whether it is secret.
 * @param limit ends the reading of a value that is too large to be kept.
 */
export function convert(
  value: unknown,
  name: string,
  secrets: Secrets,
  limit = new ReadingLimit(),
): Json | undefined {
  return new Conversion(secrets, limit).member(name, () => value);
}

/** An array that stands in a list of pairs, or in or beside what names the columns of a table. */
interface Expected {
  items: unknown;
  isPair?: boolean;
  /** Its own columns. */
  columns?: Columns | null | undefined;
  /** The columns of its rows. */
  rows?: Columns | null | undefined;
}

class Conversion {
  private readonly ancestors: object[] = [];
  private depth = 0;
  /** Secrets that were replaced, and parts that were left out, so far. */
  private changes = 0;
  private nestedTexts = 0;
  /** Whether a value is what `replace` gave: a secret in it would be given back to `replace` for ever. */
  private replacing = false;
  /** What is known of the array that is about to be converted from what it stands in. */
  private expected: Expected | null = null;

  private readonly judge = (name: string): NameVerdict => this.secrets.judge(name);

  constructor(
    private readonly secrets: Secrets,
    private readonly limit: ReadingLimit,
  ) {}

  member(name: string, read: () => unknown, verdict = this.secrets.judge(name)): Json | undefined {
    if (verdict === 'harmless') return markUnreadable(() => this.value(read(), name));
    if (verdict !== 'secret') {
      const flag = readFlag(read, verdict === 'unless number');
      if (flag !== undefined) return this.value(flag, name);
    }
    this.changes++;
    this.limit.spend(1);
    if (!this.secrets.replace || this.replacing) return REDACTED;
    return markUnreadable(() => this.redacted(name, read()));
  }

  private value(value: unknown, name: string): Json | undefined {
    if (this.limit.isPassed) return this.truncated();
    switch (typeof value) {
      case 'string':
        return this.text(value, name);
      case 'number':
        this.limit.spend(2);
        return convertNumber(value);
      case 'boolean':
        this.limit.spend(5);
        return value;
      case 'bigint':
        return this.plain(value.toString());
      case 'object':
        if (value !== null) return markUnreadable(() => this.object(value, name));
        this.limit.spend(5);
        return null;
      default:
        return undefined;
    }
  }

  private truncated(): string {
    this.changes++;
    return TRUNCATED;
  }

  private text(given: string, name: string): Json {
    const { left } = this.limit;
    const read = given.length <= left + MARGIN ? given : given.slice(0, left + MARGIN);
    const text = read.toWellFormed();
    this.limit.spend(given.length + 3);
    const redacted = this.jsonText(text) ?? this.secrets.redactText(text, read.length < given.length);
    if (redacted !== text) {
      this.changes++;
      if (this.secrets.replace && !this.replacing) return this.redacted(name, given);
    }
    return given.length <= left ? redacted : redacted.slice(0, left).toWellFormed();
  }

  /** A JSON text with its members redacted, written anew; as it is where none was; null where it is no JSON. */
  private jsonText(text: string): string | null {
    if (this.limit.isPassed || this.nestedTexts >= MAX_NESTED_TEXTS) return null;
    const parsed = parseJsonText(text);
    if (parsed === null) return null;
    const { depth, changes } = this;
    const { spent } = this.limit;
    this.depth = 0;
    this.nestedTexts++;
    const json = this.value(parsed, '');
    this.nestedTexts--;
    this.depth = depth;
    this.limit.spent = spent;
    return this.changes > changes && json !== undefined ? JSON.stringify(json) : text;
  }

  private plain(text: string): string {
    this.limit.spend(text.length + 3);
    return text;
  }

  private redacted(name: string, value: unknown): Json {
    const { replace } = this.secrets;
    if (!replace || this.replacing) return REDACTED;
    this.replacing = true;
    try {
      const json = this.value(replace(name, value), name);
      return json === undefined ? REDACTED : json;
    } finally {
      this.replacing = false;
    }
  }

  private object(object: object, name: string): Json | undefined {
    const isOfJson = isPlain(object);
    const builtin = isOfJson ? null : builtinOf(object);
    if (builtin === 'date') return this.plain(dateText(object as Date));
    if (builtin === 'regexp') return this.text(RegExp.prototype.toString.call(object), name);
    const bytes = isOfJson ? null : toBytes(object, builtin);
    if (bytes) return this.bytes(bytes);
    if (this.ancestors.includes(object)) return CIRCULAR;
    if (this.ancestors.length >= MAX_ANCESTORS) return this.truncated();
    this.ancestors.push(object);
    try {
      return this.container(object, name, builtin, isOfJson);
    } finally {
      this.ancestors.pop();
    }
  }

  private bytes(bytes: Uint8Array): string {
    const { left } = this.limit;
    this.limit.spend(Math.ceil((4 * bytes.length) / 3) + 3);
    return encodeBase64(bytes.subarray(0, 3 * Math.ceil(left / 4)));
  }

  private container(
    object: object,
    name: string,
    builtin: Builtin | null,
    isOfJson: boolean,
  ): Json | undefined {
    if (builtin === 'error') return this.error(object as Error);
    if (builtin === 'map') return this.map(object as Map<unknown, unknown>);
    if (builtin === 'set')
      return this.array(this.taken(Set.prototype.values.call(object) as Iterator<unknown>), '');
    if (!isOfJson) {
      const known = driverValue(object) ?? this.web(object);
      if (known !== undefined) return this.value(known, name);
    }
    if (hasToJson(object)) {
      const json = object.toJSON(name);
      if (json !== object) return this.value(json, name);
    }
    if (builtin === 'boxed') return this.value((object as { valueOf(): unknown }).valueOf(), name);
    if (Array.isArray(object)) return this.array(object as unknown[], name);
    const bytes = bytesOfJson(object);
    if (bytes) return this.bytes(bytes);
    return this.members(Object.keys(object), (member) => (object as Record<string, unknown>)[member]);
  }

  private web(object: object): unknown {
    const pairs = webPairs(object);
    return pairs ? byName(this.taken(pairs)) : fileOf(object);
  }

  private error(error: Error & { code?: unknown }): Json {
    const members = ['name', 'message', 'code', 'cause'] as const;
    return this.members(members, (member) => error[member as (typeof members)[number]]);
  }

  private map(map: Map<unknown, unknown>): Json {
    const pairs = this.taken(Map.prototype.entries.call(map) as Iterator<[unknown, unknown]>);
    const values = new Map(pairs);
    const names = pairs.map(([key]) => key).filter((key) => typeof key === 'string');
    if (names.length === pairs.length) return this.members(names, (name) => values.get(name));
    return this.level(() => pairs.map((pair) => this.keyed(...pair)));
  }

  private keyed(key: unknown, value: unknown): Json {
    const name = typeof key === 'string' ? key : '';
    return this.level(() => [this.member('', () => key) ?? null, this.member(name, () => value) ?? null]);
  }

  /** As many items as can be kept at most. */
  private taken<T>(items: Iterator<T>): T[] {
    const taken: T[] = [];
    for (let next = items.next(); !next.done; next = items.next()) {
      if (taken.length > this.limit.left / 2) {
        this.limit.leaveOut();
        break;
      }
      taken.push(next.value);
    }
    return taken;
  }

  private array(items: readonly unknown[], name: string): Json {
    const expected: Omit<Expected, 'items'> = this.expected?.items === items ? this.expected : {};
    this.expected = null;
    return this.level(() => {
      const { length } = items;
      const first: unknown = attempt(() => items[0]);
      const isNested = typeof first === 'object';
      const isPair = isNested && attempt(() => isListOfPairs(items)) === true;
      const ofFirst = isNested ? attempt(() => columnsOfRows(items, this.judge)) : null;
      const rows = expected.rows ?? ofFirst;
      const verdict = this.verdictOfItem(items, name, first, expected);
      const json: Json[] = [];
      for (let index = 0; index < length; index++) {
        if (this.limit.isPassed) {
          json.push(this.truncated());
          break;
        }
        const read = (): unknown => {
          const item = items[index];
          if (isPair || rows)
            this.expected = { items: item, isPair, columns: ofFirst && index === 0 ? null : rows };
          return item;
        };
        const item = this.member('', read, verdict(index));
        if (item === undefined) this.limit.spend(5);
        json.push(item ?? null);
      }
      return json;
    });
  }

  /** What is said of each item by the items before it, or by the table in which the array stands. */
  private verdictOfItem(
    items: readonly unknown[],
    name: string,
    first: unknown,
    { isPair, columns: own, rows }: Omit<Expected, 'items'>,
  ): (index: number) => NameVerdict {
    const columns = own ?? (rows && attempt(() => isRow(name, items, rows)) === true ? rows : null);
    const labels = typeof first === 'string' ? attempt(() => pairedLists(items, name)) : null;
    const labelOf = isPair ? afterFirst : labels;
    if (!labelOf && !columns) return harmless;
    return (index) => {
      const at = labelOf?.(index) ?? -1;
      const label: unknown = at >= 0 ? items[at] : undefined;
      const verdict = typeof label === 'string' ? this.secrets.judge(label) : 'harmless';
      return verdict === 'harmless' ? (columns?.[index] ?? 'harmless') : verdict;
    };
  }

  private members(names: readonly string[], read: (name: string) => unknown): Json {
    return this.level(() => {
      const json: JsonObject = {};
      const storable = new StorableNames(names, this.secrets);
      const known = names.length <= MAX_KNOWN ? names.map((name) => this.secrets.member(name)) : null;
      const naming = known ? names : namingMembers(names);
      const members = known ?? naming.map((name) => this.secrets.member(name));
      const roles = rolesOf(members);
      const named = verdictsOfPairs(naming, members, roles, read, this.judge);
      const isTable = (roles & ROLE.columns) > 0 && (roles & ROLE.rows) > 0;
      const readMember = isTable ? this.readerOfRows(naming, members, read) : read;
      for (let at = 0; at < names.length; at++) {
        if (this.limit.isPassed) {
          json[TRUNCATED] ??= this.truncated();
          break;
        }
        const name = names[at] as string;
        const own = known?.[at]?.verdict ?? this.secrets.judge(name);
        const verdict = own === 'harmless' ? named?.get(name) : own;
        const value = this.member(name, () => readMember(name), verdict ?? own);
        if (value === undefined) continue;
        this.limit.spend(name.length + 3);
        setMember(json, known?.[at]?.stored === name ? name : storable.of(name), value);
      }
      return json;
    });
  }

  /** Reads members, and notes what the names in one of them say of the rows in another: `{ columns, rows }`. */
  private readerOfRows(
    names: readonly string[],
    members: readonly MemberName[],
    read: (name: string) => unknown,
  ): (name: string) => unknown {
    const heads = members.findIndex(({ role }) => (role & ROLE.columns) > 0);
    const rows = attempt(() => secretColumns(read(names[heads] as string), this.judge));
    if (!rows) return read;
    return (name) => {
      const items = read(name);
      if ((this.secrets.member(name).role & ROLE.rows) > 0) this.expected = { items, rows };
      return items;
    };
  }

  private level(build: () => Json): Json {
    if (this.depth >= MAX_DEPTH) return this.truncated();
    this.depth++;
    this.limit.spend(1);
    try {
      return build();
    } finally {
      this.depth--;
    }
  }
}

const harmless = (): NameVerdict => 'harmless';

function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}

/** What `read` gives, or a mark where the caller's own code throws. */
function markUnreadable(read: () => Json | undefined): Json | undefined {
  try {
    return read();
  } catch {
    return UNREADABLE;
  }
}

function convertNumber(number: number): Json {
  if (!Number.isFinite(number)) return String(number);
  return number === 0 ? 0 : number;
}

function dateText(date: Date): string {
  const time = Date.prototype.getTime.call(date);
  return Number.isNaN(time) ? 'Invalid Date' : new Date(time).toISOString();
}

function toBytes(object: object, builtin: Builtin | null): Uint8Array | null {
  if (ArrayBuffer.isView(object)) return new Uint8Array(object.buffer, object.byteOffset, object.byteLength);
  return builtin === 'buffer' ? new Uint8Array(object as ArrayBuffer) : null;
}

function hasToJson(object: object): object is { toJSON(name: string): unknown } {
  return typeof (object as { toJSON?: unknown }).toJSON === 'function';
}
