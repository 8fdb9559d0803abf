import type { Json, JsonObject } from '../chain/json';
import { encodeBase64 } from '../util/base64';
import { setMember } from '../chain/set-member';
import { type Builtin, builtinOf } from './builtin';
import { REDACTED, type Secrets } from './secrets';

/** Levels of objects and arrays, the outermost being the first. */
const MAX_DEPTH = 32;

/** Objects on the way to a value: more than levels, since `toJSON` may give one object for another without end. */
const MAX_ANCESTORS = 4 * MAX_DEPTH;

/** Values in one conversion: shared references and sparse arrays would else unfold without end. */
const MAX_VALUES = 1_000_000;

/** UTF-16 code units in one conversion: with each escaped as six, the canonical text still fits into a string. */
const MAX_CODE_UNITS = 64 * 1024 * 1024;

const TRUNCATED = '[Truncated]';
const CIRCULAR = '[Circular]';
const UNREADABLE = '[Unreadable]';
const REPLACEMENT_CHARACTER = '\uFFFD';

/**
 * Makes any JavaScript value JSON, as docs/formats.md §1 says, with secrets redacted. It never throws, whatever the
 * getters, proxies and `toJSON` of the value do. Gives `undefined` for what JSON drops: functions, symbols, `undefined`.
 * @param name the member that holds the value: decides, with the value's shape, whether it is secret.
 */
export function convert(value: unknown, name: string, secrets: Secrets): Json | undefined {
  return new Conversion(secrets).member(name, () => value);
}

class Conversion {
  private readonly ancestors: object[] = [];
  private depth = 0;
  private values = 0;
  private codeUnits = 0;
  /** Whether a value is what `replace` gave: a secret in it would be given back to `replace` for ever. */
  private replacing = false;

  constructor(private readonly secrets: Secrets) {}

  member(name: string, read: () => unknown): Json | undefined {
    const secret = this.secrets.isName(name);
    if (secret && (!this.secrets.replace || this.replacing)) return REDACTED;
    return markUnreadable(() => (secret ? this.redacted(name, read()) : this.value(read(), name)));
  }

  private value(value: unknown, name: string): Json | undefined {
    this.values++;
    if (this.full) return TRUNCATED;
    switch (typeof value) {
      case 'string':
        return this.secrets.isText(value) ? this.redacted(name, value) : this.text(value.toWellFormed());
      case 'number':
        return convertNumber(value);
      case 'boolean':
        return value;
      case 'bigint':
        return this.text(value.toString());
      case 'object':
        return value === null ? null : markUnreadable(() => this.object(value, name));
      default:
        return undefined;
    }
  }

  private text(text: string): string {
    this.codeUnits += text.length;
    return this.full ? TRUNCATED : text;
  }

  private get full(): boolean {
    return this.values > MAX_VALUES || this.codeUnits > MAX_CODE_UNITS;
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
    const builtin = builtinOf(object);
    if (builtin === 'date') return dateText(object as Date);
    const bytes = toBytes(object, builtin);
    if (bytes) return this.text(encodeBase64(bytes));
    if (this.ancestors.includes(object)) return CIRCULAR;
    if (this.ancestors.length >= MAX_ANCESTORS) return TRUNCATED;
    this.ancestors.push(object);
    try {
      return this.container(object, name, builtin);
    } finally {
      this.ancestors.pop();
    }
  }

  private container(object: object, name: string, builtin: Builtin | null): Json | undefined {
    if (builtin === 'error') return this.error(object as Error);
    if (builtin === 'map') return this.map(object as Map<unknown, unknown>);
    if (builtin === 'set') return this.set(object as Set<unknown>);
    if (hasToJson(object)) {
      const json = object.toJSON(name);
      if (json !== object) return this.value(json, name);
    }
    if (builtin === 'boxed') return this.value((object as { valueOf(): unknown }).valueOf(), name);
    if (Array.isArray(object)) return this.array(object.length, (index) => (object as unknown[])[index]);
    return this.members(Object.keys(object), (member) => (object as Record<string, unknown>)[member]);
  }

  private error(error: Error & { code?: unknown }): Json {
    const members = ['name', 'message', 'code', 'cause'] as const;
    return this.members(members, (member) => error[member as (typeof members)[number]]);
  }

  private map(map: Map<unknown, unknown>): Json {
    const pairs: [unknown, unknown][] = [];
    Map.prototype.forEach.call(map, (value, key) => pairs.push([key, value]));
    const values = new Map(pairs);
    const names = pairs.map(([key]) => key).filter((key) => typeof key === 'string');
    if (names.length === pairs.length) return this.members(names, (name) => values.get(name));
    return this.level(() => pairs.map((pair) => this.pair(...pair)));
  }

  private pair(key: unknown, value: unknown): Json {
    const name = typeof key === 'string' ? key : '';
    return this.level(() => [this.member('', () => key) ?? null, this.member(name, () => value) ?? null]);
  }

  private set(set: Set<unknown>): Json {
    const items: unknown[] = [];
    Set.prototype.forEach.call(set, (item) => items.push(item));
    return this.array(items.length, (index) => items[index]);
  }

  private array(length: number, read: (index: number) => unknown): Json {
    return this.level(() => {
      const items: Json[] = [];
      for (let index = 0; index < length && !this.full; index++) {
        items.push(this.member('', () => read(index)) ?? null);
      }
      return items;
    });
  }

  private members(names: readonly string[], read: (name: string) => unknown): Json {
    return this.level(() => {
      const json: JsonObject = {};
      const storable = storableNames(names);
      for (const name of names) {
        this.codeUnits += name.length;
        const [member, value] = this.full
          ? [TRUNCATED, TRUNCATED]
          : [storable(name), this.member(name, () => read(name))];
        if (value !== undefined) setMember(json, member, value);
        if (this.full) break;
      }
      return json;
    });
  }

  private level(build: () => Json): Json {
    if (this.depth >= MAX_DEPTH) return TRUNCATED;
    this.depth++;
    try {
      return build();
    } finally {
      this.depth--;
    }
  }
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

/** Gives each name as it can be stored: BSON cannot hold U+0000 in a name, UTF-8 no lone surrogate. Never one for two. */
function storableNames(names: readonly string[]): (name: string) => string {
  const unstorable = names.filter((name) => !isStorableName(name));
  if (unstorable.length === 0) return (name) => name;
  const taken = new Set(names);
  const counts = new Map<string, number>();
  const stored = new Map(unstorable.map((name) => [name, freeName(name, taken, counts)]));
  return (name) => stored.get(name) ?? name;
}

function isStorableName(name: string): boolean {
  return name.isWellFormed() && !name.includes('\0');
}

/** A taken name is followed by a number; `counts` has the last one of each, so that many names take no long search. */
function freeName(name: string, taken: Set<string>, counts: Map<string, number>): string {
  const plain = name.toWellFormed().replaceAll('\0', REPLACEMENT_CHARACTER);
  let free = plain;
  for (let count = counts.get(plain) ?? 1; taken.has(free); free = `${plain}${count}`) {
    count++;
    counts.set(plain, count);
  }
  taken.add(free);
  return free;
}
