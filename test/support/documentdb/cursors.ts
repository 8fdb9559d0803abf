import { deserialize } from 'bson';
import { type Command } from './command';
import { type Connection, type Engine } from './engine';
import { CommandError } from './errors';

/** The functions of DocumentDB that give a cursor's first page. */
export type FirstPage = 'find' | 'aggregate' | 'list_collections' | 'list_indexes';

/**
 * The cursors that clients have open. DocumentDB gives a page and, if more follow, a continuation that any connection
 * can go on from (`useFileBasedPersistedCursors` is on; otherwise a sorted result would live in one connection).
 */
export interface Cursors {
  firstPage(on: Connection, kind: FirstPage, command: Command): Promise<Buffer>;
  /** @throws {CommandError} CursorNotFound */
  getMore(on: Connection, command: Command): Promise<Buffer>;
  /** Drops cursors, and says which there were. */
  kill(ids: readonly bigint[]): Promise<{ killed: bigint[]; unknown: bigint[] }>;
}

interface Page {
  page: Buffer;
  next: Buffer | null;
  id: string;
}

/** No cursors yet. */
export function createCursors(engine: Engine): Cursors {
  const continuations = new Map<string, Buffer>();
  // Ids begin where the clock is, so that a cursor from before a restart is not taken for one of today's.
  let lastId = BigInt(Date.now()) << 16n;

  function remember(id: string, next: Buffer | null): void {
    if (next) continuations.set(id, next);
    else continuations.delete(id);
  }

  return {
    async firstPage(on, kind, command) {
      lastId += 1n;
      const { page, next, id } = await engine.row<Page>(on, FIRST_PAGE[kind], [
        command.database,
        command.spec,
        String(lastId),
      ]);
      remember(id, next);
      return page;
    },
    async getMore(on, command) {
      const id = String(command.arguments['getMore']);
      const continuation = continuations.get(id);
      if (!continuation) throw new CommandError(43, 'CursorNotFound', `cursor id ${id} not found`);
      const values = [command.database, command.spec, continuation];
      const { page, next } = await engine.row<Page>(on, GET_MORE, values);
      remember(id, next);
      return page;
    },
    async kill(ids) {
      const killed = ids.filter((id) => continuations.delete(String(id)));
      if (killed.length > 0) await engine.row(engine.pool, DELETE_CURSORS, [killed.map(String)]);
      return { killed, unknown: ids.filter((id) => !killed.includes(id)) };
    },
  };
}

/** All documents of a cursor whose first page is `page`; for pages that hold everything, such as a list of indexes. */
export function documentsOf(page: Uint8Array): Record<string, unknown>[] {
  const reply = deserialize(page, { promoteValues: false });
  return (reply['cursor'] as { firstBatch: Record<string, unknown>[] }).firstBatch;
}

const firstPageOf = (kind: FirstPage): string =>
  `select cursorpage::bytea as page, continuation::bytea as next, cursorid as id
     from documentdb_api.${kind}_cursor_first_page($1, $2::bytea, $3)`;
const FIRST_PAGE: Record<FirstPage, string> = {
  find: firstPageOf('find'),
  aggregate: firstPageOf('aggregate'),
  list_collections: firstPageOf('list_collections'),
  list_indexes: firstPageOf('list_indexes'),
};
const GET_MORE = `select cursorpage::bytea as page, continuation::bytea as next
  from documentdb_api.cursor_get_more($1, $2::bytea, $3::bytea)`;
const DELETE_CURSORS = 'select documentdb_api_internal.delete_cursors($1::bigint[])::bytea as reply';
