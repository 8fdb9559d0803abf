import { setTimeout } from 'node:timers/promises';
import { Pool, type PoolClient, type QueryResultRow } from 'pg';
import { isConflictState, isPostgresAnswer, MOST_TRIES } from './errors';

/** Where a statement runs: any connection of the pool, or the one that a transaction holds. */
export type Connection = Pool | PoolClient;

/** How the gateway speaks to PostgreSQL. */
export interface Engine {
  /** Any connection. */
  pool: Pool;
  /**
   * Runs a statement, prepared once a connection, and gives its first row. On any connection, which is outside a transaction,
   * it is tried again where another operation was faster, as `mongod` does.
   */
  row<Row extends QueryResultRow>(on: Connection, sql: string, values: readonly unknown[]): Promise<Row>;
}

const MOST_CONNECTIONS = 60;
const BACK_OFF_MS = 100;
const MOST_BACK_OFF_MS = 2_000;

/**
 * Gives way to those that were faster, for a time that doubles and that no two share, as `mongod` does: inserts of one key
 * that come again at once turn each other down without end on a busy machine. A deadlock takes PostgreSQL 100 ms to find.
 */
export const backOff = (tries: number): Promise<void> =>
  setTimeout(Math.random() * Math.min(BACK_OFF_MS * 2 ** (tries - 1), MOST_BACK_OFF_MS));

/** An engine on the PostgreSQL whose socket is in `socketDirectory`. */
export function createEngine(socketDirectory: string): Engine {
  const pool = new Pool({
    host: socketDirectory,
    user: 'postgres',
    database: 'postgres',
    max: MOST_CONNECTIONS,
  });
  // An idle connection that breaks is not news: the statement that needs PostgreSQL next fails by itself.
  pool.on('error', () => undefined);
  const statementNames = new Map<string, string>();
  const nameOf = (sql: string): string => {
    const name = statementNames.get(sql) ?? `s${statementNames.size}`;
    statementNames.set(sql, name);
    return name;
  };
  return {
    pool,
    async row<Row extends QueryResultRow>(
      on: Connection,
      sql: string,
      values: readonly unknown[],
    ): Promise<Row> {
      for (let tries = 1; ; tries++)
        try {
          const result = await on.query<Row>({ name: nameOf(sql), text: sql, values: [...values] });
          const [first] = result.rows;
          if (!first) throw new Error(`no row from: ${sql}`);
          return first;
        } catch (error) {
          const isConflict = isPostgresAnswer(error) && isConflictState(error.code);
          if (!isConflict || on !== pool || tries === MOST_TRIES) throw error;
          await backOff(tries);
        }
    },
  };
}
