import { documentId, type Entry } from '../../lib/chain/entry';
import type { Json } from '../../lib/chain/json';

/** The document of an entry. Each member has the BSON type that `readDocument` expects; dates are `Date`s. */
export function toDocument(entry: Entry): Record<string, unknown> & { _id: string } {
  const document: Record<string, unknown> & { _id: string } = { _id: documentId(entry.tenantId, entry.id) };
  for (const name of Object.keys(entry) as (keyof Entry)[]) document[name] = toStored(name, entry);
  return document;
}

function toStored(name: keyof Entry, entry: Entry): unknown {
  switch (name) {
    case 'occurredAt':
    case 'recordedAt':
      return new Date(entry[name]);
    case 'context':
    case 'metadata':
    case 'before':
    case 'after':
      return withoutDriverTypes(entry[name] as Json);
    default:
      return entry[name];
  }
}

/**
 * The driver treats an object with a member `_bsontype` as one of its own types: it refuses it or stores something else,
 * such as a binary for `{ _bsontype: 'Binary' }`. A `Map` with the same members is stored as an ordinary document.
 */
function withoutDriverTypes(value: Json): unknown {
  return looksLikeDriverType(value) ? toMap(value) : value;
}

function looksLikeDriverType(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '_bsontype') || Object.values(value).some(looksLikeDriverType);
}

function toMap(value: Json): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(toMap);
  return new Map(Object.entries(value).map(([name, member]) => [name, toMap(member)]));
}
