import { createConnection } from 'mongoose';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Pool } from 'pg';
import { startDatabase } from '../database-server';
import { temporaryFolder } from '../temporary';

it('a cursor gives each document once, whatever the planner learns between two pages', async () => {
  const dbPath = temporaryFolder();
  const database = await startDatabase({ dbPath });
  const connection = await createConnection(database.uri, { dbName: 'cursors' }).asPromise();
  const pool = new Pool({ host: join(dbPath, 'documentdb'), user: 'postgres', database: 'postgres' });
  try {
    const numbers = connection.collection('numbers');
    const insert = (count: number) =>
      numbers.insertMany(
        Array.from({ length: count }, (_, n) => ({
          _id: randomUUID() as never,
          group: 'globex',
          text: `=${n}`,
        })),
      );
    await numbers.createIndex({ group: 1 }, {}, {});
    await insert(50);
    await pool.query('analyze'); // so few are read one by one
    await insert(300);
    const cursor = numbers.find({ group: 'globex', text: /^=/ }, { batchSize: 101 });
    const ids = [String((await cursor.next())!._id)];
    await pool.query('vacuum analyze'); // so many by an index
    for await (const { _id } of cursor) ids.push(String(_id));
    expect([ids.length, new Set(ids).size]).toEqual([350, 350]);
  } finally {
    await connection.close();
    await pool.end();
    await database.close();
  }
});
