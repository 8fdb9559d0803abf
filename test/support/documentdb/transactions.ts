import { type Binary, deserialize, type Document } from 'bson';
import { type Pool, type PoolClient } from 'pg';
import { type Command } from './command';
import { CommandError, noSuchTransaction } from './errors';
import { pickElements } from './raw-bson';

/** The multi-document transactions in progress: each is a PostgreSQL transaction on a connection of its own. */
export interface Transactions {
  /**
   * The connection of the transaction that `command` belongs to, begun if it is the first command of one; `undefined`
   * for a command outside a transaction.
   * @throws {CommandError} NoSuchTransaction
   */
  connectionFor(command: Command): Promise<PoolClient | undefined>;
  /** Commits; again is answered like once, because drivers try again when an answer did not arrive. */
  commit(command: Command): Promise<void>;
  /** Rolls back the transaction that `command` belongs to, if there is one. */
  abort(command: Command): Promise<void>;
  /** Rolls back whatever the given sessions have begun and forgets them. */
  endSessions(lsids: readonly unknown[]): Promise<void>;
}

/** Whether `command` is a part of a multi-document transaction (a retryable write has a number alone). */
export const isInTransaction = (command: Command): boolean => command.arguments['autocommit'] === false;

/** Stages of an aggregation that `mongod` takes outside of transactions alone. */
const OUTSIDE = new Set([
  '$collStats',
  '$currentOp',
  '$indexStats',
  '$listLocalSessions',
  '$listSessions',
  '$merge',
  '$out',
  '$planCacheStats',
  '$unionWith',
]);

/**
 * Refuses stages that `mongod` refuses within transactions.
 * @throws {CommandError} OperationNotSupportedInTransaction
 */
export function assertStages(command: Command): void {
  if (command.name !== 'aggregate' || !isInTransaction(command)) return;
  const { pipeline } = deserialize(pickElements(command.body, (field) => field === 'pipeline'));
  const stages = Object.values((pipeline ?? {}) as Document).flatMap((stage) =>
    Object.keys(stage as Document),
  );
  const refused = stages.find((stage) => OUTSIDE.has(stage));
  if (refused !== undefined)
    throw new CommandError(
      263,
      'OperationNotSupportedInTransaction',
      `Stage not supported inside of a multi-document transaction: ${refused}`,
    );
}

interface Transaction {
  number: bigint;
  committed: boolean;
  /** `undefined` from its end on. */
  connection: PoolClient | undefined;
  /** Gives the connection back, or throws it away. */
  release(broken: boolean): void;
}

function holdConnection(number: bigint, connection: PoolClient): Transaction {
  const transaction: Transaction = {
    number,
    committed: false,
    connection,
    release(broken) {
      if (!transaction.connection) return;
      transaction.connection = undefined;
      connection.off('error', onError);
      connection.release(broken);
    },
  };
  // PostgreSQL has ended, or has ended a transaction that nobody went on with.
  const onError = (): void => transaction.release(true);
  connection.on('error', onError);
  return transaction;
}

// mongod does not wait where another transaction holds what it needs: it answers WriteConflict. PostgreSQL would wait,
// and a client that ends the other transaction only after this answer would wait with it for ever.
const BEGIN = `begin isolation level repeatable read;
  set local lock_timeout = '100ms';
  set local idle_in_transaction_session_timeout = '60s'`;

/** No transactions yet. */
export function createTransactions(pool: Pool): Transactions {
  const bySession = new Map<string, Transaction>();

  async function begin(session: string, number: bigint): Promise<PoolClient> {
    await rollBack(bySession.get(session));
    const connection = await pool.connect();
    bySession.set(session, holdConnection(number, connection));
    await connection.query(BEGIN);
    return connection;
  }

  function find(command: Command): Transaction {
    const transaction = bySession.get(sessionOf(command.arguments['lsid']));
    if (transaction?.number !== numberOf(command)) throw noSuchTransaction('no such number in this session');
    return transaction;
  }

  return {
    async connectionFor(command) {
      if (!isInTransaction(command)) return undefined;
      if (command.arguments['startTransaction'] === true) {
        return begin(sessionOf(command.arguments['lsid']), numberOf(command));
      }
      const { connection } = find(command);
      if (!connection) throw noSuchTransaction('it has been aborted or committed');
      return connection;
    },
    async commit(command) {
      const transaction = find(command);
      if (transaction.committed) return;
      if (!transaction.connection) throw noSuchTransaction('it has been aborted');
      await end(transaction, 'commit');
      transaction.committed = true;
    },
    async abort(command) {
      const transaction = bySession.get(sessionOf(command.arguments['lsid']));
      if (transaction?.number === numberOf(command)) await rollBack(transaction);
    },
    async endSessions(lsids) {
      for (const session of lsids.map(sessionOf)) {
        await rollBack(bySession.get(session));
        bySession.delete(session);
      }
    },
  };
}

const numberOf = (command: Command): bigint => BigInt(command.arguments['txnNumber'] as bigint | number);

function sessionOf(lsid: unknown): string {
  return ((lsid as { id: Binary } | undefined)?.id.toString('hex') ?? '').replaceAll('-', '');
}

async function rollBack(transaction: Transaction | undefined): Promise<void> {
  if (transaction?.connection) await end(transaction, 'rollback');
}

async function end(transaction: Transaction, verb: 'commit' | 'rollback'): Promise<void> {
  try {
    await transaction.connection?.query(verb);
    transaction.release(false);
  } catch (error) {
    transaction.release(true);
    throw error;
  }
}
