import { type Connection, createConnection } from 'mongoose';
import { PATIENCE } from './patience';

/**
 * A connection whose operations find out within `milliseconds` that their server is away. To connect, a server that is
 * there may take its time.
 */
export async function connectWithTimeout(
  uri: string,
  dbName: string,
  milliseconds = 500,
): Promise<Connection> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const connection = createConnection(uri, { dbName, serverSelectionTimeoutMS: milliseconds });
    try {
      return await connection.asPromise();
    } catch (error) {
      await connection.close();
      if (Date.now() > deadline) throw error;
    }
  }
}
