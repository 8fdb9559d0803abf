import { type Document, serialize } from 'bson';
import { documentsOf } from './cursors';
import { type Engine } from './engine';
import { isPostgresAnswer } from './errors';

/** Which keys the indexes of a collection have, asked of DocumentDB once and again when a name is not among them. */
export interface IndexCatalog {
  /** The key pattern of an index; `{}` where there is no such index (any more). */
  keyPatternOf(database: string, collection: string, indexName: string): Promise<Document>;
  /** The name of the index that DocumentDB has under a number. */
  nameOf(indexId: string): Promise<string | undefined>;
  /** To be called when indexes or collections change. */
  forget(): void;
}

/** A catalog that knows nothing yet. */
export function createIndexCatalog(engine: Engine): IndexCatalog {
  const keyPatterns = new Map<string, Map<string, Document>>();

  async function load(database: string, collection: string): Promise<Map<string, Document>> {
    const values = [database, serialize({ listIndexes: collection }), '0'];
    const { page } = await engine.row<{ page: Buffer }>(engine.pool, LIST_INDEXES, values);
    return new Map(documentsOf(page).map((index) => [String(index['name']), index['key'] as Document]));
  }

  return {
    async keyPatternOf(database, collection, indexName) {
      const namespace = `${database}.${collection}`;
      const known = keyPatterns.get(namespace)?.get(indexName);
      if (known) return known;
      const loaded = await load(database, collection).catch(noneIfMissing);
      keyPatterns.set(namespace, loaded);
      return loaded.get(indexName) ?? {};
    },
    async nameOf(indexId) {
      const { name } = await engine.row<{ name: string | null }>(engine.pool, INDEX_NAME, [indexId]);
      return name ?? undefined;
    },
    forget: () => keyPatterns.clear(),
  };
}

/** A collection that a transaction was about to create is not there for others: its indexes are not known. */
function noneIfMissing(error: unknown): Map<string, Document> {
  if (isPostgresAnswer(error)) return new Map();
  throw error;
}

const LIST_INDEXES = `select cursorpage::bytea as page
  from documentdb_api.list_indexes_cursor_first_page($1, $2::bytea, $3)`;
const INDEX_NAME = `select max((index_spec).index_name) as name
  from documentdb_api_catalog.collection_indexes where index_id = $1::bigint`;
