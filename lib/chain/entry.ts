import type { Sha256 } from '../crypto/ports';
import type { JsonObject } from './json';
import type { MembersFrom } from './members';
import { canonicalObject } from './canonical';

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
  return leafHash(canonicalObject(entry as object as JsonObject, 'hash'), sha256);
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
