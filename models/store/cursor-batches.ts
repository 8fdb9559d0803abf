import type { mongo } from 'mongoose';
import { withTimeLimit } from './time-limit';

/** What `find` and `aggregate` give. */
type Cursor<T> = mongo.FindCursor<T> | mongo.AggregationCursor<T>;

/** How documents are read. */
interface PortionOptions {
  /** Whether the next portion is asked for while one is used. */
  ahead?: boolean;
  /** How long the server may take for one, in milliseconds. */
  limit?: number;
}

/**
 * The documents of a cursor, in the portions in which the server sends them. The server closes the cursor when the
 * reader leaves early, and when it has not answered in time.
 * @throws {Error} when the server does not answer in time
 */
export async function* cursorBatches<T>(
  cursor: Cursor<T>,
  { ahead = false, limit }: PortionOptions = {},
): AsyncGenerator<T[], void, void> {
  let asked = cursor.hasNext();
  try {
    while (await withTimeLimit(asked, limit)) {
      const portion = cursor.readBufferedDocuments() as T[];
      if (ahead) asked = askedFor(cursor);
      yield portion;
      if (!ahead) asked = cursor.hasNext();
    }
  } finally {
    // Its reader need not wait for that.
    void closeAfter(asked, cursor);
  }
}

/** All documents of a cursor. */
export async function readAll<T>(cursor: Cursor<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const portion of cursorBatches(cursor)) for (const document of portion) all.push(document);
  return all;
}

function askedFor(cursor: Cursor<unknown>): Promise<boolean> {
  const asked = cursor.hasNext();
  asked.catch(() => undefined); // who reads on is told
  return asked;
}

/**
 * Closes a cursor once nothing is under way on it. A reply that comes in after `close()` makes the driver (6 and 7) end
 * the cursor's session; if its `killCursors` then still waits for a connection, it is never sent, and nobody is told.
 */
async function closeAfter(asked: Promise<boolean>, cursor: Cursor<unknown>): Promise<void> {
  await asked.catch(() => undefined);
  await cursor.close().catch(() => undefined); // the server drops it after a while, or with its connection
}
