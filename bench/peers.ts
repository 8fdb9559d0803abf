import { chain } from './peers/chain';
import { crash } from './peers/crash';
import { outage } from './peers/outage';
import { PEERS } from './peers/contenders';
import { printTable, type Row } from './peers/table';
import { throughput } from './peers/throughput';
import type { Bench } from './peers/trial';

/** What is compared with other packages. The outage is last: it needs a database that may be ended. */
export const PARTS = { http: throughput, crash, chain, outage };

/** One application with this package, with others and with none, each in a process of its own. */
export async function benchPeers(bench: Bench, parts: (keyof typeof PARTS)[]): Promise<void> {
  const rows: Row[] = [];
  try {
    for (const part of parts) rows.push(...(await PARTS[part](bench)));
  } finally {
    const names = PEERS.map(({ name }) => name);
    printTable(names, rows);
  }
}
