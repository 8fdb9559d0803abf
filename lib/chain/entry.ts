import type { Sha256 } from '../crypto/ports';
import type { JsonObject } from './json';
import { MEMBERS, type MembersFrom } from './members';
import { canonicalize, canonicalObject } from './canonical';

/** An event checked, converted and redacted: an entry but for its place in the chain. */
export type Draft = MembersFrom<'event'>;

/** An event as it is stored: numbered, time-stamped, linked, immutable. */
export interface Entry extends Draft, MembersFrom<'chain'> {}

/** RFC 6962 §2.1: the byte that tells a leaf from an inner node. */
const LEAF_PREFIX = '\u0000';

const HASH = /^[0-9a-f]{64}$/;

/** Whether a value has the form of a hash: 64 lower-case hex digits. */
export function isHash(value: unknown): value is string {
  return typeof value === 'string' && HASH.test(value);
}

/** RFC 6962 §2.1: the leaf hash of an entry, by its canonical text without the member `hash`. */
export function leafHash(text: string, sha256: Sha256): string {
  return sha256(LEAF_PREFIX + text);
}

/** The hash of an entry, whatever its own member `hash` says. */
export function entryHash(entry: Omit<Entry, 'hash'> & { hash?: string }, sha256: Sha256): string {
  return leafHash(canonicalEntry(entry as object as JsonObject), sha256);
}

/** The members that are hashed, in the order of the canonical text, each with what stands before its value. */
const HASHED = Object.keys(MEMBERS)
  .filter((name) => name !== 'hash')
  .sort()
  .map((name) => [name, `"${name}":`] as const);

/** `canonicalObject` without the member `hash`; the members of entries are known, so that they need not be sorted anew. */
function canonicalEntry(entry: JsonObject): string {
  let text = '';
  let count = Object.hasOwn(entry, 'hash') ? 1 : 0;
  for (const [name, label] of HASHED) {
    const value = entry[name];
    if (value === undefined) continue;
    text += (text === '' ? label : ',' + label) + canonicalize(value);
    count++;
  }
  const isAll = count === Object.keys(entry).length; // what was stored by others may have any members
  return isAll ? `{${text}}` : canonicalObject(entry, 'hash');
}

/** The `_id` of an entry's document: an id is unique within its tenant. */
export function documentId(tenantId: string, id: string): string {
  return `${encodeURIComponent(tenantId)}:${id}`;
}

/** What a caller gets for a recorded event: its place in the chain. */
export type Receipt = Pick<Entry, 'id' | 'tenantId' | 'seq' | 'hash' | 'recordedAt'>;

export function toReceipt({ id, tenantId, seq, hash, recordedAt }: Entry): Receipt {
  return { id, tenantId, seq, hash, recordedAt };
}
