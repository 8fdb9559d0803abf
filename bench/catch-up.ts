import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import type { Connection } from 'mongoose';
import type * as Streams from '../streams';
import { GENESIS, type Head } from '../lib/chain/link';
import { storeChain } from '../test/support/ready-chain';
import { createAudit } from './built';
import { compare, perSecond } from './measure';

const { splunk } = createRequire(__filename)('../dist/streams.js') as typeof Streams;

/** `BENCH_BACKLOG` for a longer one. */
const BACKLOG = Number(process.env['BENCH_BACKLOG'] ?? 40_000);
/** Entries that are made at a time. */
const PART = 10_000;
const EVENTS = 3_000;
/** Before that: both have a stream that has begun, or none, and know the end of their chain. */
const WARM_UP = 300;
const CALLERS = 20;
const ROUNDS = 5;

/** Recording beside a stream that catches up, in the same process, against recording alone; and the heap that it adds. */
export async function benchCatchUp(connect: () => Promise<Connection>): Promise<void> {
  const connection = await connect();
  const http = createServer((request, response) =>
    request.resume().on('end', () => response.end('{"code":0}')),
  );
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  let head: Head = GENESIS;
  for (let left = BACKLOG; left > 0; left -= PART)
    head = (await storeChain(connection, 'old', Math.min(PART, left), undefined, head)).at(-1) as Head;
  let heap = 0;
  await compare('Recording beside a stream that catches up', 'events/s', ROUNDS, [
    { name: 'recording alone', run: () => record(connection) },
    {
      name: 'beside a stream in the same process',
      run: async (round) => {
        const to = splunk({ url, token: 't' });
        const audit = createAudit({
          connection,
          streams: [{ name: `catch-up-${round}`, to, tenants: ['old'] }],
        });
        while ((audit.stats().streams?.[0]?.delivered ?? 0) === 0)
          await new Promise((go) => setTimeout(go, 20));
        const figure = await record(connection, audit);
        const [stream] = audit.stats().streams ?? [];
        if (stream?.lag.entries === 0)
          console.log('  the backlog was caught up before the end: make it longer');
        heap = Math.max(heap, process.memoryUsage().heapUsed);
        await audit.close();
        return figure;
      },
    },
  ]);
  console.log(`  heap: ${(heap / 2 ** 20).toFixed(0)} MiB at most`);
  http.closeAllConnections();
  http.close();
  await connection.dropDatabase();
}

async function record(connection: Connection, given?: ReturnType<typeof createAudit>): Promise<number> {
  const audit = given ?? createAudit({ connection });
  await recordMany(audit, WARM_UP);
  const figure = await perSecond(EVENTS, () => recordMany(audit, EVENTS));
  if (!given) await audit.close();
  return figure;
}

async function recordMany(audit: ReturnType<typeof createAudit>, events: number): Promise<void> {
  let n = 0;
  const caller = async () => {
    while (n++ < events) await audit.event({ tenantId: 'new', action: 'org.member.invite', metadata: { n } });
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}
