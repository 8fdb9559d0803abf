import { randomBytes } from 'node:crypto';
import mongoose, { type Connection } from 'mongoose';
import { startDatabase } from '../test/support/database';
import { benchHoldUp } from './hold-up';
import { benchHttp } from './http';
import { benchRecording } from './record';
import { benchVerification } from './verify';

const BENCHES = { holdup: benchHoldUp, record: benchRecording, verify: benchVerification, http: benchHttp };

/** Runs the benchmarks named on the command line, or all, on one database. */
async function main(): Promise<void> {
  const named = process.argv.slice(2);
  const database = await startDatabase();
  const opened: Connection[] = [];
  const connect = async (): Promise<Connection> => {
    const dbName = `bench_${randomBytes(6).toString('hex')}`;
    const connection = await mongoose.createConnection(database.uri, { dbName }).asPromise();
    opened.push(connection);
    return connection;
  };
  try {
    for (const [name, bench] of Object.entries(BENCHES)) {
      if (named.length === 0 || named.includes(name)) await bench(connect, database.uri);
    }
  } finally {
    await Promise.all(opened.map((connection) => connection.close()));
    await database.close();
  }
}

void main();
