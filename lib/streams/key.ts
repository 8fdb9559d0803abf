import { documentId, type Entry } from '../chain/entry';
import { utf8Length } from '../util/utf8';

/** Names of documents are bounded in Elasticsearch. */
const MAX_KEY = 512;

/** The name of an entry among those of all tenants. */
export function keyOf({ tenantId, id, hash }: Entry): string {
  const key = documentId(tenantId, id);
  return utf8Length(key) <= MAX_KEY ? key : hash;
}
