import autocannon from 'autocannon';
import type { Connection } from 'mongoose';
import { compare } from './measure';
import type { Left, OutsiderTask } from './outsider-process';
import { anyRequest } from './outsider-requests';
import { startServer } from './outsider-server';

const ROUNDS = 3;
/** So long the attack goes on before anything is measured: the first of each kind are entries, and cost more. */
const WARM_UP_SECONDS = 4;
const SECONDS = 5;

/** Whether an outsider is held to a rate. */
type Pace = 'held' | 'free';

/** Requests a second that an outsider has through what stands in front of an application. */
const RATE = 400;

/**
 * What 20 connections of an outsider, who makes up hosts, addresses and names, hold an application's own requests up by: with a
 * ledger, against the same application that refuses them by itself. And what they leave in the trail.
 *
 * Held to the same rate, by what its process had of the processor: what else the machine does is no part of that. Without a
 * bound, who asks as fast as is answered takes a share of any server, the larger the more a refusal costs: by the clock.
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
  for (const [pace, what, unit] of [
    ['held', `who sends ${RATE} requests a second`, 'requests a second of the processor'],
    ['free', 'who sends as fast as is answered', 'requests a second'],
  ] as const)
    await compare(`An application's own requests beside an outsider ${what}`, unit, ROUNDS, [
      contender('refused by the application itself', false, pace),
      contender('with a ledger, and its trail', true, pace),
    ]);
  for (const { count, chains, heap } of left)
    console.log(`  left: ${count} entries in ${chains} chains, ${(heap / 2 ** 20).toFixed(0)} MiB of heap`);
}

async function attacked(task: OutsiderTask, pace: Pace): Promise<Left & { figure: number }> {
  const server = await startServer(task);
  const rate = pace === 'held' && { overallRate: RATE };
  const attack = server.attack(anyRequest, { duration: WARM_UP_SECONDS + SECONDS + 1, ...rate });
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_SECONDS * 1000));
  const before = await server.usage();
  const own = await autocannon({ url: `${server.url}/own`, connections: 5, duration: SECONDS });
  const processorSeconds = ((await server.usage()) - before) / 1e6;
  await attack;
  const figure = own.requests.total / (pace === 'held' ? processorSeconds : SECONDS);
  return { figure, ...(await server.end()) };
}
