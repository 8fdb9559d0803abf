import { type Document, serialize } from 'bson';
import { type Command } from './command';
import { documentsOf } from './cursors';
import { type Engine } from './engine';

/**
 * What an update that a unique index refused would have stored, as far as its statement tells: the document that it
 * matches, or the fields of an upsert's filter, with its `$set` and `$setOnInsert`, or its replacement. DocumentDB
 * itself does not say; operators that compute (`$inc`, pipelines) are not followed.
 */
export async function refusedByUpdate(
  engine: Engine,
  command: Command,
  statement: Document,
): Promise<Document> {
  const filter = (statement['q'] ?? {}) as Document;
  const update = statement['u'] as Document | Document[];
  const before = (await matching(engine, command, filter)) ?? equalities(filter);
  if (Array.isArray(update)) return before;
  const isReplacement = !Object.keys(update).some((name) => name.startsWith('$'));
  if (isReplacement) return { _id: before['_id'] as unknown, ...update };
  return { ...before, ...(update['$setOnInsert'] as Document), ...(update['$set'] as Document) };
}

async function matching(engine: Engine, command: Command, filter: Document): Promise<Document | undefined> {
  const spec = serialize({ find: command.collection, filter, limit: 1, singleBatch: true });
  const { page } = await engine.row<{ page: Buffer }>(engine.pool, FIND, [command.database, spec]);
  return documentsOf(page)[0];
}

function equalities(filter: Document): Document {
  return Object.fromEntries(
    Object.entries(filter).filter(([name, value]) => !name.startsWith('$') && !isOperator(value)),
  );
}

function isOperator(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value)[0]?.startsWith('$') === true;
}

const FIND = `select cursorpage::bytea as page from documentdb_api.find_cursor_first_page($1, $2::bytea, 0)`;
