import { randomBytes } from 'node:crypto';
import mongoose, { type Connection } from 'mongoose';
import { startDatabase } from '../test/support/database-server';
import { benchChanges } from './changes';
import { benchCollector } from './collector';
import { benchContention } from './contention';
import { benchCost } from './cost';
import { benchDay } from './day';
import { benchDrafting } from './draft';
import { benchEvidence } from './evidence';
import { benchHoldUp } from './hold-up';
import { benchOutsider } from './outsider';
import { benchRefusals } from './outsider-cost';
import { benchPages } from './pages';
import { benchPeers, PARTS } from './peers';
import { benchRecording } from './record';
import { soak } from './soak';
import { benchSizes } from './sizes';
import { benchStreams } from './streams';
import { benchCatchUp } from './catch-up';
import { benchSweep } from './sweep';
import { benchVerification } from './verify';

const BENCHES = {
  draft: benchDrafting,
  cost: benchCost,
  holdup: benchHoldUp,
  record: benchRecording,
  changes: benchChanges,
  collector: benchCollector,
  verify: benchVerification,
  contention: benchContention,
  evidence: benchEvidence,
  pages: benchPages,
  outsider: benchOutsider,
  refusals: benchRefusals,
  streams: benchStreams,
  catchup: benchCatchUp,
  sweep: benchSweep,
  sizes: benchSizes,
  day: benchDay,
};

/** Runs the benchmarks named on the command line, or all but the soak, on one database. `peers` names all its parts. */
async function main(): Promise<void> {
  const named = process.argv.slice(2);
  const isWanted = (...names: string[]): boolean =>
    named.length === 0 || names.some((name) => named.includes(name));
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
      if (isWanted(name)) await bench(connect, database.uri);
    }
    const parts = (Object.keys(PARTS) as (keyof typeof PARTS)[]).filter((part) => isWanted(part, 'peers'));
    if (named.includes('soak')) await soak({ database, connect });
    if (parts.length > 0) await benchPeers({ database, connect }, parts);
  } finally {
    await Promise.all(opened.map((connection) => connection.close()));
    await database.close();
  }
}

void main();
