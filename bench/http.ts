import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import autocannon from 'autocannon';
import type { Connection } from 'mongoose';
import type { Mode } from './http-app';
import { median } from './measure';

const CONNECTIONS = 20;
const SECONDS = 5;
const ROUNDS = 5;
const MODES: Mode[] = ['bare', 'audited', 'create on finish'];

interface Figures {
  requests: number;
  p99: number;
}

/** Requests a second of one app with and without audit, each in a process of its own, under 20 connections. */
export async function benchHttp(connect: () => Promise<Connection>, uri: string): Promise<void> {
  for (const [title, method, path] of [
    ['POST with one business insert and one event', 'POST', '/invites'],
    ['GET answering 401', 'GET', '/private'],
  ] as const) {
    const figures = new Map(MODES.map((mode) => [mode, [] as Figures[]]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const mode of MODES)
        figures.get(mode)!.push(await load(mode, method, path, uri, (await connect()).name));
    }
    print(title, figures);
  }
}

async function load(
  mode: Mode,
  method: 'GET' | 'POST',
  path: string,
  uri: string,
  dbName: string,
): Promise<Figures> {
  const app = fork(join(__dirname, 'http-app.ts'), [mode, uri, dbName], { execArgv: ['--import', 'tsx'] });
  const [{ port }] = (await once(app, 'message')) as [{ port: number }];
  const target = { url: `http://127.0.0.1:${port}${path}`, method, connections: CONNECTIONS };
  await autocannon({ ...target, duration: 1 });
  const { requests, latency } = await autocannon({ ...target, duration: SECONDS });
  app.send('end');
  const [stored] = (await once(app, 'message')) as [{ invites: number; records: number }];
  if (method === 'POST' && mode === 'audited' && stored.records !== stored.invites) {
    throw new Error(`${stored.invites} business inserts, but ${stored.records} entries`);
  }
  return { requests: requests.average, p99: latency.p99 };
}

function print(title: string, figures: Map<Mode, Figures[]>): void {
  const bare = figures.get('bare')!;
  console.log(`\n${title} (${CONNECTIONS} connections, median of ${ROUNDS} rounds of ${SECONDS} s)`);
  for (const [mode, rounds] of figures) {
    const ratio = median(rounds.map(({ requests }, i) => requests / bare[i]!.requests));
    const tail = median(rounds.map(({ p99 }, i) => p99 / bare[i]!.p99));
    const average = median(rounds.map(({ requests }) => requests))
      .toFixed(0)
      .padStart(6);
    console.log(
      `  ${mode.padEnd(18)} ${average} requests/s  ${ratio.toFixed(2)}   p99 ${tail.toFixed(2)} of the bare one's`,
    );
  }
}
