import { type Document, deserialize, serialize } from 'bson';
import { type Command } from './command';
import { backOff, type Connection, type Engine } from './engine';
import { describeDuplicateKey, indexNamedIn } from './duplicate-key';
import {
  errorForSqlState,
  isConflictState,
  isDuplicateKeyState,
  MOST_TRIES,
  unpackSqlState,
  writeConflict,
} from './errors';
import { type IndexCatalog } from './index-catalog';
import { cutSequence, documentAt } from './raw-bson';
import { refusedByUpdate } from './refused-update';

/** The commands whose reply may be `ok: 1` and hold errors all the same. */
export type WriteKind = 'insert' | 'update' | 'delete';

/** What a write is answered with. */
export interface WriteReply {
  reply: Uint8Array;
  /** Whether every statement was carried out. */
  clean: boolean;
}

const ARRAY_OF: Record<WriteKind, string> = { insert: 'documents', update: 'updates', delete: 'deletes' };

/**
 * Carries out an insert, update or delete. Outside a transaction it is tried again where another operation was faster.
 * @throws {CommandError} WriteConflict, inside a transaction
 */
export async function write(
  engine: Engine,
  indexes: IndexCatalog,
  on: Connection,
  command: Command,
  tries = 1,
): Promise<WriteReply> {
  const kind = command.name as WriteKind;
  const sql = `select p_result::bytea as reply, p_success as clean
    from documentdb_api.${kind}($1, $2::bytea, documentdb_core.bsonsequence_from_bytea($3::bytea))`;
  const sequence = command.sequences.get(ARRAY_OF[kind]) ?? null;
  const result = await engine.row<{ reply: Buffer; clean: boolean }>(on, sql, [
    command.database,
    command.spec,
    sequence,
  ]);
  if (result.clean) return result;
  const reply = deserialize(result.reply, { promoteValues: false });
  const raw = (reply['writeErrors'] ?? []) as RawWriteError[];
  const writeErrors = raw.map((error) => ({
    ...error,
    index: Number(error.index),
    code: Number(error.code),
  }));
  if (on !== engine.pool) throwOnConflict(writeErrors);
  else if (tries < MOST_TRIES && Number(reply['n']) === 0 && isConflict(writeErrors[0])) {
    await backOff(tries);
    return write(engine, indexes, on, command, tries + 1);
  }
  reply['writeErrors'] = await Promise.all(
    writeErrors.map((error) => inMongoForm(engine, indexes, command, error)),
  );
  return { reply: serialize(reply), clean: false };
}

/** An ordered insert that stores so many documents at a time: others see its beginning, and a kill may leave that. */
export async function insertInPortions(
  engine: Engine,
  indexes: IndexCatalog,
  command: Command,
  size: number,
): Promise<WriteReply> {
  const all = command.sequences.get('documents');
  let inserted = 0;
  for (const documents of all ? cutSequence(all, size) : []) {
    const sequences = new Map([...command.sequences, ['documents', documents] as const]);
    const { reply, clean } = await write(engine, indexes, engine.pool, { ...command, sequences });
    const { n, writeErrors = [] } = deserialize(reply) as { n: number; writeErrors?: WriteError[] };
    if (!clean) {
      const moved = writeErrors.map((error) => ({ ...error, index: error.index + inserted }));
      return { reply: serialize({ n: n + inserted, ok: 1, writeErrors: moved }), clean };
    }
    inserted += n;
  }
  return all
    ? { reply: serialize({ n: inserted, ok: 1 }), clean: true }
    : write(engine, indexes, engine.pool, command);
}

interface RawWriteError {
  index: unknown;
  code: unknown;
  errmsg: string;
}

interface WriteError extends Document {
  index: number;
  code: number;
  errmsg: string;
}

function throwOnConflict(writeErrors: readonly WriteError[]): void {
  if (writeErrors.some(isConflict)) throw writeConflict();
}

function isConflict(error: WriteError | undefined): boolean {
  return error !== undefined && isConflictState(unpackSqlState(error.code) ?? '');
}

async function inMongoForm(
  engine: Engine,
  indexes: IndexCatalog,
  command: Command,
  writeError: WriteError,
): Promise<Document> {
  const { index, code, errmsg } = writeError;
  const state = unpackSqlState(code);
  if (state === undefined) return writeError;
  const name = indexNamedIn(errmsg);
  if (name === undefined || !isDuplicateKeyState(state)) {
    const error = errorForSqlState(state, errmsg);
    return { index, code: error.code, errmsg: error.message };
  }
  const { database, collection } = command;
  const keyPattern = await indexes.keyPatternOf(database, collection, name);
  const document = await refusedDocument(engine, command, index);
  const described = describeDuplicateKey(
    { namespace: `${database}.${collection}`, name, keyPattern },
    document,
  );
  return { index, code: 11000, ...described };
}

async function refusedDocument(engine: Engine, command: Command, index: number): Promise<Document> {
  const statement = statementAt(command, index);
  return command.name === 'update' ? refusedByUpdate(engine, command, statement) : statement;
}

/** The `index`th statement of a write, from where the driver has put it: beside the command or inside it. */
function statementAt(command: Command, index: number): Document {
  const arrayName = ARRAY_OF[command.name as WriteKind];
  const sequence = command.sequences.get(arrayName);
  const bytes = sequence && documentAt(sequence, index);
  if (bytes) return deserialize(bytes, { promoteValues: false });
  const statements = deserialize(command.spec, { promoteValues: false })[arrayName] as Document[] | undefined;
  return statements?.[index] ?? {};
}
