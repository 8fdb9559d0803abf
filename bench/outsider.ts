import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import autocannon from 'autocannon';
import type { Connection } from 'mongoose';
import { compare } from './measure';
import type { OutsiderTask } from './outsider-process';

const ROUNDS = 2;
/** So long the attack goes on before anything is measured: the first of each kind are entries, and cost more. */
const WARM_UP_SECONDS = 6;
const SECONDS = 5;
const OUTSIDERS = 20;

const PATHS = [
  '/audit/',
  '/audit/entries?actor=ceo',
  '/audit/entries/x',
  '/audit/export?actor=ceo',
  '/audit/verify',
  '/audit/histogram?buckets=200',
  '/audit/stream',
  '/audit/session',
  '/audit/nothing',
  '/orders/7',
  '/report.csv?format=export',
];

interface Left {
  count: number;
  chains: number;
  heap: number;
}

/**
 * What 20 connections of an outsider, who makes up hosts, addresses and names, hold an application's own requests up by: with a
 * ledger, against the same application that refuses them by itself. And what they leave in the trail.
 */
export async function benchOutsider(connect: () => Promise<Connection>, uri: string): Promise<void> {
  const left: Left[] = [];
  const contender = (name: string, hasLedger: boolean) => ({
    name,
    run: async () => {
      const { name: dbName } = await connect();
      const { figure, ...rest } = await attacked({ uri, dbName, hasLedger });
      if (hasLedger) left.push(rest);
      return figure;
    },
  });
  await compare(`An application's own requests beside an outsider`, 'requests/s', ROUNDS, [
    contender('refused by the application itself', false),
    contender('with a ledger, and its trail', true),
  ]);
  for (const { count, chains, heap } of left)
    console.log(`  left: ${count} entries in ${chains} chains, ${(heap / 2 ** 20).toFixed(0)} MiB of heap`);
}

async function attacked(task: OutsiderTask): Promise<Left & { figure: number }> {
  const server = fork(join(__dirname, 'outsider-process.ts'), [JSON.stringify(task)], {
    execArgv: ['--import', 'tsx'],
  });
  const [{ port }] = (await once(server, 'message')) as [{ port: number }];
  const url = `http://127.0.0.1:${port}`;
  let n = 0;
  const made = () => ({
    host: n % 4 === 0 ? 'acme' : `host-${n % 40_000}`,
    'x-forwarded-for': `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
    'user-agent': 'x'.repeat(n % 4_000),
    ...(n % 3 === 0 && { 'x-user': `user-${n}` }),
  });
  const attack = autocannon({
    url,
    connections: OUTSIDERS,
    duration: WARM_UP_SECONDS + SECONDS + 1,
    timeout: 1,
    requests: [
      {
        setupRequest: (request) => {
          n++;
          return { ...request, path: PATHS[n % PATHS.length], headers: made() };
        },
      },
    ],
  });
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_SECONDS * 1000));
  const own = await autocannon({ url: `${url}/own`, connections: 5, duration: SECONDS });
  await attack;
  server.send('end');
  const [left] = (await once(server, 'message')) as [Left];
  return { figure: own.requests.average, ...left };
}
