import type { ActorType, Outcome } from '../vocabulary';
import type { Sha256 } from '../crypto/ports';
import type { Json, JsonObject } from './json';
import { canonicalObject } from './canonical';

/** An event checked, converted and redacted: an entry but for its place in the chain. */
export interface Draft {
  v: 1;
  tenantId: string;
  id: string;
  /** ISO 8601, UTC, milliseconds. */
  occurredAt: string;
  actor: string;
  actorType?: ActorType;
  actorName?: string;
  onBehalfOf?: string;
  action: string;
  resource?: string;
  resourceType?: string;
  resourceName?: string;
  outcome: Outcome;
  context?: JsonObject;
  metadata?: Json;
  before?: Json;
  after?: Json;
  /** Reserved: JSON Pointer to the salted commitment of a value that is kept outside the entry. */
  commitments?: Record<string, string>;
}

/** An event as it is stored: numbered, time-stamped, linked, immutable. */
export interface Entry extends Draft {
  /** Place in the tenant's chain, from 1, without gaps. */
  seq: number;
  /** When the ledger linked it: ISO 8601, UTC, milliseconds; never before the predecessor's. */
  recordedAt: string;
  /** `hash` of the entry before, 64 zeros for the first. */
  prevHash: string;
  /** RFC 6962 leaf hash of the canonical text of all other members. */
  hash: string;
}

/** RFC 6962 §2.1: the byte that tells a leaf from an inner node. */
const LEAF_PREFIX = '\u0000';

const HASH = /^[0-9a-f]{64}$/;

/** Whether a value has the form of a hash: 64 lower-case hex digits. */
export function isHash(value: unknown): value is string {
  return typeof value === 'string' && HASH.test(value);
}

/** The hash of an entry, whatever its own member `hash` says. */
export function entryHash(entry: Omit<Entry, 'hash'> & { hash?: string }, sha256: Sha256): string {
  return sha256(LEAF_PREFIX + canonicalObject(entry as object as JsonObject, 'hash'));
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
