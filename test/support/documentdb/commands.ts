import { type Document, deserialize, serialize } from 'bson';
import { type Command } from './command';
import { createCommitPoint } from './commit-point';
import { assertConcerns, unsatisfiable, waitForMajority } from './concerns';
import { createCursors, type FirstPage } from './cursors';
import { describeDuplicateKey, readConstraintViolation } from './duplicate-key';
import { type Connection, createEngine } from './engine';
import {
  CommandError,
  errorForSqlState,
  isDuplicateKeyState,
  isPostgresAnswer,
  isRetryableCode,
  type PostgresError,
} from './errors';
import { explain } from './explain';
import { createFailPoints, failBefore, failWriteConcern, HangUp } from './fail-points';
import { createIndexCatalog, type IndexCatalog } from './index-catalog';
import { createRetriedWrites, isRetryable } from './retried-writes';
import * as status from './server-status';
import { assertStages, createTransactions, isInTransaction } from './transactions';
import { insertInPortions, write } from './writes';

/** Carries out MongoDB's commands. */
export interface Commands {
  /**
   * The reply to a command, as BSON.
   * @param appName of the client
   * @throws {CommandError} what the client is to be told
   * @throws {Error} anything else: PostgreSQL is away
   */
  run(command: Command, appName: string): Promise<Uint8Array>;
  /** Lets go of PostgreSQL. */
  close(): Promise<void>;
}

/** What the commands need to know. */
export interface CommandsOptions extends status.ServerIdentity {
  /** The directory of PostgreSQL's socket. */
  socketDirectory: string;
  /** Called when a client asks the server to shut down. */
  onShutdown: () => void;
}

type Handler = (command: Command, on: Connection) => Promise<Uint8Array | Document> | Document;

/** Commands on the PostgreSQL whose socket is in `socketDirectory`. */
export function createCommands(options: CommandsOptions): Commands {
  const engine = createEngine(options.socketDirectory);
  const transactions = createTransactions(engine.pool);
  const cursors = createCursors(engine);
  const indexes = createIndexCatalog(engine);
  const failPoints = createFailPoints();
  const commitPoint = createCommitPoint(engine, failPoints);
  const retriedWrites = createRetriedWrites();

  const reply = async (on: Connection, sql: string, values: readonly unknown[]): Promise<Uint8Array> =>
    (await engine.row<{ reply: Buffer }>(on, sql, values)).reply;
  /** A function of DocumentDB that takes the database and the command, and gives the reply. */
  const passTo =
    (sql: string): Handler =>
    (command, on) =>
      reply(on, sql, [command.database, command.spec]);
  const firstPage =
    (kind: FirstPage): Handler =>
    (command, on) =>
      cursors.firstPage(on, kind, command);

  const writeCommand: Handler = async (command, on) => {
    const portion = on === engine.pool && failPoints.enter('standInInsertBatches')?.['size'];
    const result = portion
      ? await insertInPortions(engine, indexes, command, Number(portion))
      : await write(engine, indexes, on, command);
    // As in mongod, a statement that fails ends the transaction, although the command is answered with ok: 1.
    if (!result.clean && isInTransaction(command)) await transactions.abort(command);
    return result.reply;
  };
  const changeIndexes =
    (sql: string): Handler =>
    async (command, on) => {
      indexes.forget();
      return reply(on, sql, [command.database, command.spec]);
    };

  const handlers: Record<string, Handler> = {
    insert: writeCommand,
    update: writeCommand,
    delete: writeCommand,
    findandmodify: passTo(
      'select p_result::bytea as reply from documentdb_api.find_and_modify($1, $2::bytea)',
    ),
    find: firstPage('find'),
    aggregate: (command, on) =>
      command.arguments['explain'] === true
        ? explain(engine, on, command)
        : cursors.firstPage(on, 'aggregate', command),
    listcollections: firstPage('list_collections'),
    listindexes: firstPage('list_indexes'),
    getmore: (command, on) => cursors.getMore(on, command),
    killcursors: (command) => killCursors(command),
    count: passTo('select document::bytea as reply from documentdb_api.count_query($1, $2::bytea)'),
    distinct: passTo('select document::bytea as reply from documentdb_api.distinct_query($1, $2::bytea)'),
    explain: (command, on) => explain(engine, on, command),
    create: passTo('select documentdb_api.create_collection_view($1, $2::bytea)::bytea as reply'),
    // create_indexes_background would answer before the index is there; mongod answers after
    createindexes: changeIndexes(
      'select documentdb_api_internal.create_indexes_non_concurrently($1, $2::bytea, true)::bytea as reply',
    ),
    dropindexes: dropIndexes,
    drop: dropCollection,
    dropdatabase: dropDatabase,
    collmod: (command, on) =>
      reply(on, 'select documentdb_api.coll_mod($1, $2, $3::bytea)::bytea as reply', [
        command.database,
        command.collection,
        command.spec,
      ]),
    renamecollection: async (command, on) => {
      indexes.forget();
      return reply(on, 'select documentdb_api.rename_collection($1::bytea)::bytea as reply', [command.spec]);
    },
    collstats: (command, on) =>
      reply(on, 'select documentdb_api.coll_stats($1, $2)::bytea as reply', [
        command.database,
        command.collection,
      ]),
    dbstats: (command, on) =>
      reply(on, 'select documentdb_api.db_stats($1)::bytea as reply', [command.database]),
    validate: passTo('select document::bytea as reply from documentdb_api.validate($1, $2::bytea)'),
    listdatabases: (command, on) =>
      reply(on, 'select documentdb_api.list_databases($1::bytea)::bytea as reply', [command.spec]),

    committransaction: async (command) => {
      await transactions.commit(command);
      return { ok: 1 };
    },
    aborttransaction: async (command) => {
      await transactions.abort(command);
      return { ok: 1 };
    },
    endsessions: async (command) => {
      await transactions.endSessions((command.arguments['endSessions'] ?? []) as unknown[]);
      return { ok: 1 };
    },

    hello: () => status.hello(options),
    ismaster: () => status.hello(options),
    ping: () => ({ ok: 1 }),
    buildinfo: () => status.buildInfo(),
    serverstatus: () => status.serverStatus(options),
    connectionstatus: () => status.connectionStatus(),
    getparameter: () => ({
      featureCompatibilityVersion: { version: status.SERVER_VERSION.slice(0, 3) },
      ok: 1,
    }),
    configurefailpoint: (command) => ({ count: failPoints.configure(command), ok: 1 }),
    replsetinitiate: () => ({ ok: 1 }),
    replsetreconfig: () => ({ ok: 1 }),
    replsetgetstatus: () => status.replicaSetStatus(options),
    replsetgetconfig: () => status.replicaSetConfig(options),
    shutdown: () => {
      setImmediate(options.onShutdown);
      return { ok: 1 };
    },
  };

  async function killCursors(command: Command): Promise<Document> {
    const ids = (command.arguments['cursors'] ?? []) as (bigint | number)[];
    const { killed, unknown } = await cursors.kill(ids.map(BigInt));
    return { cursorsKilled: killed, cursorsNotFound: unknown, cursorsAlive: [], cursorsUnknown: [], ok: 1 };
  }

  async function dropIndexes(command: Command, on: Connection): Promise<Document> {
    indexes.forget();
    const sql = 'call documentdb_api.drop_indexes($1, $2::bytea)';
    await engine.row(on, sql, [command.database, command.spec]);
    return { ok: 1 };
  }

  async function dropCollection(command: Command, on: Connection): Promise<Document> {
    indexes.forget();
    await engine.row(on, 'select documentdb_api.drop_collection($1, $2)', [
      command.database,
      command.collection,
    ]);
    return { ns: `${command.database}.${command.collection}`, ok: 1 };
  }

  async function dropDatabase(command: Command, on: Connection): Promise<Document> {
    indexes.forget();
    await engine.row(on, 'select documentdb_api.drop_database($1)', [command.database]);
    return { dropped: command.database, ok: 1 };
  }

  async function run(command: Command): Promise<Uint8Array> {
    const handler = Object.hasOwn(handlers, command.name) ? handlers[command.name] : undefined;
    if (!handler) throw new CommandError(59, 'CommandNotFound', `no such command: '${command.name}'`);
    const on = ENDS_TRANSACTION.has(command.name) ? undefined : await transactions.connectionFor(command);
    const answer = await handler(command, on ?? (await commitPoint.connectionFor(command)) ?? engine.pool);
    return answer instanceof Uint8Array ? answer : serialize(answer);
  }

  /** What `mongod` does around a command: concerns, fail points, and what is remembered of retryable writes. */
  async function runAsMongod(command: Command, appName: string): Promise<Uint8Array> {
    await failBefore(failPoints, command, appName);
    assertConcerns(command, options.replicaSet !== undefined);
    assertStages(command);
    const reply = await retriedWrites.once(command, () => run(command));
    const timedOut = await waitForMajority(failPoints, command);
    if (!timedOut) commitPoint.carriedOut(command);
    if (isRetryable(command) && failPoints.enter('onPrimaryTransactionalWrite')) throw new HangUp();
    const writeConcernError = timedOut ?? unsatisfiable(command);
    const failed =
      failWriteConcern(failPoints, command, appName) ?? (writeConcernError && { writeConcernError });
    return failed ? withWriteConcernError(reply, failed, isRetryable(command)) : reply;
  }

  return {
    async run(command, appName) {
      try {
        return await runAsMongod(command, appName);
      } catch (error) {
        // As in mongod, a command that fails ends its transaction.
        if (isInTransaction(command)) await transactions.abort(command);
        throw isPostgresAnswer(error) ? await inMongoForm(indexes, command, error) : error;
      }
    },
    close: () => engine.pool.end(),
  };
}

function withWriteConcernError(reply: Uint8Array, failed: Document, isRetryableWrite: boolean): Uint8Array {
  const { code } = failed['writeConcernError'] as { code: number };
  const labels = isRetryableWrite && isRetryableCode(code) && { errorLabels: ['RetryableWriteError'] };
  return serialize({ ...deserialize(reply, { promoteValues: false }), ...labels, ...failed });
}

const ENDS_TRANSACTION = new Set(['committransaction', 'aborttransaction']);

/** The error of a whole command. */
async function inMongoForm(
  indexes: IndexCatalog,
  command: Command,
  error: PostgresError,
): Promise<CommandError> {
  const plain = errorForSqlState(error.code, error.message);
  const { detail = '', constraint = '' } = error;
  const violation = isDuplicateKeyState(error.code) ? readConstraintViolation(detail, constraint) : undefined;
  if (!violation) return plain;
  const { indexId, keyPattern, document } = violation;
  const name = indexId === undefined ? '_id_' : ((await indexes.nameOf(indexId)) ?? constraint);
  const namespace = `${command.database}.${command.collection}`;
  const { errmsg, ...details } = describeDuplicateKey({ namespace, name, keyPattern }, document);
  return new CommandError(plain.code, plain.codeName, errmsg, details);
}
