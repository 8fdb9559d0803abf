import type { mongo } from 'mongoose';
import { isCursorLost } from './error-codes';
import { withTimeLimit } from './time-limit';

/** What `find` and `aggregate` give. */
type Cursor<T> = mongo.FindCursor<T> | mongo.AggregationCursor<T>;

interface BatchOptions {
  /** Whether to request the next batch while the current one is used. */
  ahead?: boolean;
  /** How long the server may take for a batch, in milliseconds. */
  limit?: number;
}

/**
 * The documents of a cursor, in the batches that the server sends. Closes the cursor at the end, also when the caller
 * stops early.
 * @throws {Error} when the server does not answer in time
 */
export async function* cursorBatches<T>(
  cursor: Cursor<T>,
  { ahead = false, limit }: BatchOptions = {},
): AsyncGenerator<T[], void, void> {
  let hasNext = cursor.hasNext();
  try {
    while (await withTimeLimit(hasNext, limit)) {
      const batch = cursor.readBufferedDocuments() as T[];
      if (ahead) hasNext = requestNext(cursor);
      yield batch;
      if (!ahead) hasNext = cursor.hasNext();
    }
  } finally {
    // The caller need not wait for this.
    void closeAfter(hasNext, cursor);
  }
}

/**
 * The batches of a cursor, and of others that go on where it was lost: a long walk outlives the time that the server gives
 * a cursor, a reader that stalls, and an election.
 * @param open opens a cursor; behind those documents, if it is given the last batch. Null where no place is known.
 * @throws {Error} of a cursor that has given nothing
 */
export async function* resumedBatches<T>(
  open: (given?: readonly T[]) => Cursor<T> | null,
  options: BatchOptions = {},
): AsyncGenerator<T[], void, void> {
  for (let cursor = open(); cursor;) {
    let given: T[] | undefined;
    try {
      for await (const batch of cursorBatches(cursor, options)) {
        given = batch;
        yield batch;
      }
      return;
    } catch (error) {
      cursor = given && isCursorLost(error) ? open(given) : null;
      if (!cursor) throw error;
    }
  }
}

/** All documents of a cursor whose option is `raw`: the driver then returns documents as BSON bytes. */
export async function readAllRaw(cursor: Cursor<unknown>): Promise<Buffer[]> {
  return (await readAll(cursor)) as Buffer[];
}

/** All documents of a cursor. */
export async function readAll<T>(cursor: Cursor<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const batch of cursorBatches(cursor)) for (const document of batch) all.push(document);
  return all;
}

function requestNext(cursor: Cursor<unknown>): Promise<boolean> {
  const hasNext = cursor.hasNext();
  hasNext.catch(() => undefined); // a caller that goes on awaits it, and gets the error
  return hasNext;
}

/**
 * Closes a cursor after its last request has been answered. When a reply arrives after `close()`, the driver (6 and 7)
 * ends the cursor's session; if its `killCursors` still waits for a connection then, it is silently never sent.
 */
async function closeAfter(lastRequest: Promise<unknown>, cursor: Cursor<unknown>): Promise<void> {
  await withTimeLimit(lastRequest).catch(() => undefined);
  await withTimeLimit(cursor.close()).catch(() => undefined); // the server closes it after a while, or with its connection
}
