import type { Connection } from 'mongoose';
import { median } from './measure';
import { type RefusedKind, REFUSALS } from './outsider-requests';
import { type OutsiderServer, startServer } from './outsider-server';

const ROUNDS = 3;
const REQUESTS = 600;

/**
 * What a refused request costs the process that refuses it, in processor time: what the machine does besides is no part of it.
 * Each kind is first sent as often as it is measured: what is beyond the bounds of entries costs less, and is what a flood is.
 */
export async function benchRefusals(connect: () => Promise<Connection>, uri: string): Promise<void> {
  const { name: dbName } = await connect();
  const { name: bareName } = await connect();
  const bare = await startServer({ uri, dbName: bareName, hasLedger: false });
  const server = await startServer({ uri, dbName, hasLedger: true });
  const costs = new Map<RefusedKind, number[]>();
  for (let round = 0; round < ROUNDS + 1; round++)
    for (const kind of REFUSALS) {
      const cost = await costOf(kind, kind.isBare ? bare : server);
      if (round > 0) costs.set(kind, [...(costs.get(kind) ?? []), cost]);
    }
  await bare.end();
  const { count, chains } = await server.end();
  console.log(`\nProcessor time of a refused request, in ms (median of ${ROUNDS} rounds of ${REQUESTS})`);
  const [first] = [...costs.values()].map(median);
  for (const [{ name }, all] of costs) {
    const cost = median(all);
    console.log(`  ${name.padEnd(44)} ${cost.toFixed(3).padStart(8)}  ${(cost / (first ?? NaN)).toFixed(2)}`);
  }
  console.log(`  left: ${count} entries in ${chains} chains`);
}

async function costOf({ request }: RefusedKind, server: OutsiderServer): Promise<number> {
  const before = await server.usage();
  await server.attack(request, { amount: REQUESTS });
  return ((await server.usage()) - before) / REQUESTS / 1000;
}
