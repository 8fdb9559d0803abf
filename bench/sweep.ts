import type { Connection } from 'mongoose';
import { createRequire } from 'node:module';
import type * as Stores from '../models/store/mongo-store';
import { chain } from '../test/conformance/given';
import { median } from './measure';

const { MongoStore } = createRequire(__filename)('../dist/models/store/mongo-store.js') as typeof Stores;

const TENANTS = 10_000;
const PLACES = 500;
const TIMES = 10;

/** What it costs to find which of 10,000 chains have grown, where the server does not tell: by places, and new tenants. */
export async function benchSweep(connect: () => Promise<Connection>): Promise<void> {
  const connection = await connect();
  const store = new MongoStore(connection);
  await store.prepare();
  for (let begin = 0; begin < TENANTS; begin += 1_000)
    await store.append(Array.from({ length: 1_000 }, (_, n) => chain(`tenant-${begin + n}`, 1)).flat());
  const places = Array.from({ length: PLACES }, (_, n) => ({ tenantId: `tenant-${n * 7}`, seq: 1 }));
  const looks = await timed(() => store.grown(places));
  const tenants = await timed(() => store.tenants());
  console.log(`\nWhich of ${TENANTS} chains have grown (median of ${TIMES})`);
  console.log(`  a look at ${PLACES} places ${looks.toFixed(0)} ms, all tenants ${tenants.toFixed(0)} ms`);
  await connection.dropDatabase();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < TIMES; n++) {
    const begin = performance.now();
    await work();
    times.push(performance.now() - begin);
  }
  return median(times);
}
