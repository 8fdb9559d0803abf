import { canonicalize } from '../chain/canonical';
import type { Json, JsonObject } from '../chain/json';
import type { Sha256 } from '../crypto/ports';
import { utf8Length } from '../util/utf8';
import type { ReadingLimit } from './reading-limit';

/** Characters that a text of an entry may have, names of actions, tenants, actors and ids apart. */
export const TEXT_LIMIT = 1024;

/** Code points of an oversized value that are kept. */
const PREVIEW = 1024;

/** A value within its limit, and its size in bytes as canonical JSON. */
export interface Limited {
  json: Json;
  bytes: number;
}

/**
 * Keeps a value whose canonical text has at most `maxBytes` bytes; of a larger one a mark that identifies it.
 * @param reading tells whether the value was read to its end. Of one that was not, the mark says how much was read.
 */
export function limitSize(json: Json, maxBytes: number, sha256: Sha256, reading?: ReadingLimit): Limited {
  const text = canonicalize(json);
  const preview = (): string => firstCodePoints(text, PREVIEW);
  if (reading?.isCut)
    return marked({ truncated: true, bytes: reading.spent, atLeast: true, preview: preview() });
  const bytes = utf8Length(text);
  if (bytes <= maxBytes) return { json, bytes };
  return marked({ truncated: true, bytes, sha256: sha256(text), preview: preview() });
}

function marked(json: { preview: string } & JsonObject): Limited {
  return { json, bytes: utf8Length(json.preview) };
}

/** The first `count` code points of `text`, without reading the rest. */
export function firstCodePoints(text: string, count: number): string {
  if (text.length <= count) return text;
  return Array.from(text.slice(0, 2 * count))
    .slice(0, count)
    .join('');
}

/** Whether `text` has more than `max` characters, counted as code points. */
export function isLongerThan(text: string, max: number): boolean {
  return text.length > max && firstCodePoints(text, max).length < text.length;
}

/** At most `max` characters of `text`; a cut one ends in `…`. */
export function cutText(text: string, max: number): string {
  return isLongerThan(text, max) ? `${firstCodePoints(text, max - 1)}…` : text;
}
