import autocannon from 'autocannon';
import type { Connection } from 'mongoose';
import { compare } from './measure';
import type { Left, OutsiderTask } from './outsider-process';
import { anyRequest } from './outsider-requests';
import { startServer } from './outsider-server';

const ROUNDS = 3;
/** Requests of its own, and of one client that it refuses, by which a process has come to speed before it is attacked. */
const BEFORE = 2_000;
/** So long the attack goes on before anything is measured: the first of each kind are entries, and cost more. */
const WARM_UP_SECONDS = 4;
const SECONDS = 5;

/** Whether an outsider is held to a rate. */
type Pace = 'held' | 'free';

/** Requests a second that an outsider has through what stands in front of an application. */
const RATE = 400;

const ONE_CLIENT = { path: '/orders/7', headers: { host: 'acme', 'x-forwarded-for': '192.0.2.1' } };

/**
 * What 20 connections of an outsider, who makes up hosts, addresses and names, hold an application's own requests up by: with a
 * ledger, against the same application that refuses them by itself. And what they leave in the trail.
 *
 * Who is held to a rate, as by what stands in front of an application, takes what refusing that many costs. Who asks as fast as
 * is answered takes a share of any server, the larger the more a refusal costs.
 */
export async function benchOutsider(connect: () => Promise<Connection>, uri: string): Promise<void> {
  const left: Left[] = [];
  const contender = (name: string, hasLedger: boolean, pace: Pace) => ({
    name,
    run: async () => {
      const { name: dbName } = await connect();
      const { figure, ...rest } = await attacked({ uri, dbName, hasLedger }, pace);
      if (hasLedger) left.push(rest);
      return figure;
    },
  });
  for (const [pace, what] of [
    ['held', `who sends ${RATE} requests a second`],
    ['free', 'who sends as fast as is answered'],
  ] as const)
    await compare(`An application's own requests beside an outsider ${what}`, 'requests/s', ROUNDS, [
      contender('refused by the application itself', false, pace),
      contender('with a ledger, and its trail', true, pace),
    ]);
  for (const { count, chains, heap } of left)
    console.log(`  left: ${count} entries in ${chains} chains, ${(heap / 2 ** 20).toFixed(0)} MiB of heap`);
}

async function attacked(task: OutsiderTask, pace: Pace): Promise<Left & { figure: number }> {
  const server = await startServer(task);
  await autocannon({ url: `${server.url}/own`, connections: 5, amount: BEFORE });
  await server.attack(() => ONE_CLIENT, { amount: BEFORE });
  const rate = pace === 'held' && { overallRate: RATE };
  const attack = server.attack(anyRequest, { duration: WARM_UP_SECONDS + SECONDS + 1, ...rate });
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_SECONDS * 1000));
  const own = await autocannon({ url: `${server.url}/own`, connections: 5, duration: SECONDS });
  await attack;
  return { figure: own.requests.average, ...(await server.end()) };
}
