import { canonicalize } from '../chain/canonical';
import type { Json, JsonObject } from '../chain/json';
import type { Sha256 } from '../crypto/ports';
import { utf8Length } from '../util/utf8';
import type { ReadingLimit } from './reading-limit';

/** Characters that a text of an entry may have, names of actions, tenants, actors and ids apart. */
export const TEXT_LIMIT = 1024;

/** Code points of an oversized value that are kept. */
const PREVIEW = 1024;

/** Characters that the id of an actor may have; that of a resource, as many as any text. */
export const ACTOR_LIMIT = 256;

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

/** How an id ends that could not be kept whole: `…` and the SHA-256 of the whole, in hex. */
const DIGEST_END = /…[0-9a-f]{64}$/;
const DIGEST_END_LENGTH = 65;

/**
 * An id as an entry keeps it: itself, or, where it is too long or holds a lone surrogate, its beginning and a digest, so
 * that no two ids become one. One that ends as those do gets a digest, too: it could be that of another.
 */
export function limitId(id: string, max: number, sha256: Sha256): string {
  return endsInDigest(id) ? withDigest(id.toWellFormed(), id, max, sha256) : keptId(id, max, sha256);
}

/** `limitId` for who asks for entries: an id that ends in a digest is one that they have from an entry. */
export function keptId(id: string, max: number, sha256: Sha256): string {
  const isKept = !isLongerThan(id, max) && id.isWellFormed();
  return isKept ? id : withDigest(id.toWellFormed(), id, max, sha256);
}

/** Whether an id ends as those do of which only a part was kept. */
export function endsInDigest(id: string): boolean {
  return id.length >= DIGEST_END_LENGTH && DIGEST_END.test(id.slice(-DIGEST_END_LENGTH));
}

/** `shown`, cut so that with the digest of `id` it has at most `max` code points. As JSON, lone surrogates differ. */
export function withDigest(shown: string, id: string, max: number, sha256: Sha256): string {
  return `${firstCodePoints(shown, max - DIGEST_END_LENGTH)}…${sha256(JSON.stringify(id))}`;
}

/** At most `max` characters of `text`; a cut one ends in `…`. */
export function cutText(text: string, max: number): string {
  return isLongerThan(text, max) ? `${firstCodePoints(text, max - 1)}…` : text;
}
