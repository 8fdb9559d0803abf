import { canonicalize } from '../../lib/chain/canonical';
import type { Json, JsonObject } from '../../lib/chain/json';
import { sha256 } from '../../lib/crypto/node';
import { convert } from '../../lib/event/convert';
import { ReadingLimit } from '../../lib/event/reading-limit';
import { REDACTED } from '../../lib/event/redacted';
import type { Secrets } from '../../lib/event/secrets';
import { firstCodePoints } from '../../lib/event/size-limit';
import { isObject } from '../../lib/util/complaints';
import type { Document } from '../changes/documents';
import type { View } from '../changes/views';

/** What an event of a document would say of it by now. */
export interface State {
  json: Json;
  /** Whether it was too large to be read to its end. */
  isCut: boolean;
}

/** What two states differ in, and what could not be compared. */
export interface Difference {
  isSame: boolean;
  changed: string[];
  notCompared: string[];
}

/** How what was left out is marked. */
const TRUNCATED = '[Truncated]';

/** What stands in the place of a value that was too large (docs/formats.md §1). */
interface Mark extends JsonObject {
  truncated: true;
  bytes: number;
  preview: string;
}

export function stateOf(document: Document, view: View, secrets: Secrets, valueBytes: number): State {
  const reading = new ReadingLimit(valueBytes);
  const json = convert(view.state(document), 'after', secrets, reading);
  return { json: json ?? null, isCut: reading.isCut };
}

/**
 * What a recorded state and that of a document differ in. What was redacted by its name may differ unseen, and so may what
 * was not recorded: that is told. What options leave out by now was recorded by others, and does not count.
 */
export function compareStates(recorded: Json, now: State, view: View, secrets: Secrets): Difference {
  if (isMark(recorded)) return compareWithMark(recorded, now);
  const comparison = new Comparison(secrets);
  const kept = isObject(recorded) ? (view.state(recorded as never) as JsonObject) : recorded;
  comparison.values(kept, now.json, '', '');
  const { changed, notCompared } = comparison;
  return { isSame: changed.length === 0, changed, notCompared };
}

/** Of what was too large its digest was recorded, or of what was far too large its beginning. */
function compareWithMark(mark: Mark, { json, isCut }: State): Difference {
  const text = canonicalize(json);
  const { sha256: digest, preview } = mark;
  if (typeof digest === 'string' && !isCut)
    return { isSame: digest === sha256(text), changed: [], notCompared: [] };
  const isSame =
    isCut && typeof digest !== 'string' && preview === firstCodePoints(text, Array.from(preview).length);
  return { isSame, changed: [], notCompared: isSame ? ['*'] : [] };
}

function isMark(json: Json): json is Mark {
  return (
    isObject(json) &&
    json['truncated'] === true &&
    typeof json['bytes'] === 'number' &&
    typeof json['preview'] === 'string' &&
    !Object.hasOwn(json, '_id')
  );
}

class Comparison {
  readonly changed: string[] = [];
  readonly notCompared: string[] = [];

  constructor(private readonly secrets: Secrets) {}

  values(one: Json | undefined, other: Json | undefined, path: string, name: string): void {
    if (isObject(one) && isObject(other)) return this.members(one, other, path);
    if (Array.isArray(one) && Array.isArray(other)) return this.items(one, other, path, name);
    if (one === undefined || other === undefined) {
      this.changed.push(path);
      return;
    }
    const isSame = canonicalize(one) === canonicalize(other);
    // Names that an application has added since make one of them `[REDACTED]`, and `replace` may give anything.
    if (this.secrets.isName(name) && !(isPlainValue(one) && isPlainValue(other))) this.notCompared.push(path);
    else if (!isSame) this.changed.push(path);
    else if (isMarked(one)) this.notCompared.push(path);
  }

  private members(one: JsonObject, other: JsonObject, path: string): void {
    for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
      const [left, right] = [memberOf(one, name), memberOf(other, name)];
      this.values(left, right, path === '' ? name : `${path}.${name}`, name);
    }
  }

  /** An array is one path. */
  private items(one: readonly Json[], other: readonly Json[], path: string, name: string): void {
    const inside = new Comparison(this.secrets);
    for (const [i, item] of one.entries()) inside.values(item, other[i], path, name);
    if (one.length !== other.length || inside.changed.length > 0) this.changed.push(path);
    else if (inside.notCompared.length > 0) this.notCompared.push(path);
  }
}

function memberOf(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Whether a value is shown at a name that hides texts, such as a flag. */
function isPlainValue(json: Json): boolean {
  return json === null || typeof json === 'number' || typeof json === 'boolean';
}

function isMarked(json: Json): boolean {
  return typeof json === 'string' && (json.includes(REDACTED) || json.endsWith(TRUNCATED));
}
