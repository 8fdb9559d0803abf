import { BSON } from 'bson';
import type { Entry } from '../../lib/chain/entry';
import { MemoryStore, type StoredDocument } from '../../models/memory/memory-store';
import { readDocument } from '../../models/store/read-document';
import { toDocument } from '../../models/store/write-document';

/**
 * A store in memory whose documents can be altered, as who holds the database could. They are kept as the bytes that a
 * database would keep and read by the same strict reader, so that an altered document gives the same `Reading`.
 */
export class AlterableStore extends MemoryStore {
  /** The documents of a tenant, for a test to look at. */
  documents(tenantId: string): BSON.Document[] {
    return this.chainOf(tenantId).map(({ members }) => structuredClone(members));
  }

  /** Puts a document of any shape into the collection, past all rules; one with the same `_id` makes room. */
  plant(document: BSON.Document): void {
    this.remove(document['_id']);
    this.insert(stored(document));
  }

  /** Changes members of an entry. */
  alter(tenantId: string, seq: number, members: object): void {
    this.plant({ ...this.at(tenantId, seq)?.members, ...members });
  }

  protected override toStored(entry: Entry): StoredDocument {
    return stored(toDocument(entry));
  }

  /** Removes a document. */
  remove(id: unknown): void {
    const tenantId: unknown = this.byId.get(id)?.members['tenantId'];
    const others = this.chainOf(tenantId).filter(({ members }) => members['_id'] !== id);
    this.chains.set(tenantId, others);
    this.byId.delete(id);
  }
}

function stored(document: BSON.Document): StoredDocument {
  const bytes = Buffer.from(BSON.serialize(document, { ignoreUndefined: false }));
  return { members: BSON.deserialize(bytes), read: () => readDocument(bytes) };
}
