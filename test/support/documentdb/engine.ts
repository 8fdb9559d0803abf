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
        }
    },
  };
}
