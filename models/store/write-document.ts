import { documentId, type Entry } from '../../lib/chain/entry';
import type { Json } from '../../lib/chain/json';

/** An entry as a document: dates are dates, and each member has the BSON type that `readDocument` expects. */
export function toDocument(entry: Entry): Record<string, unknown> & { _id: string } {
  const document: Record<string, unknown> & { _id: string } = {
    _id: documentId(entry.tenantId, entry.id),
    ...entry,
    occurredAt: new Date(entry.occurredAt),
    recordedAt: new Date(entry.recordedAt),
  };
  for (const name of ['context', 'metadata', 'before', 'after'] as const) {
    const value = entry[name];
    if (value !== undefined) document[name] = plain(value);
  }
  return document;
}

/**
 * The driver takes an object with a member `_bsontype` for a value of its own, and refuses it or stores something
 * else. As a `Map` it is a document like any other.
 */
function plain(value: Json): unknown {
  return looksLikeDriverType(value) ? asMap(value) : value;
}

function looksLikeDriverType(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '_bsontype') || Object.values(value).some(looksLikeDriverType);
}

function asMap(value: Json): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(asMap);
  return new Map(Object.entries(value).map(([name, member]) => [name, asMap(member)]));
}
