import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import autocannon from 'autocannon';
import type { Connection } from 'mongoose';
import { type CostTask, type CostWork, COUNTS } from './cost-process';
import { compare, type Contender } from './measure';
import { fromEnvironment } from './peers/plan';

const ROUNDS = fromEnvironment('BENCH_ROUNDS', 15);
const WARM_UP_ROUNDS = 3;
const REQUESTS = 1_000;

/** A build in a process of its own, which lives as long as it is measured. */
interface Build {
  name: string;
  process: ChildProcess;
  port: number;
}

/** What is measured, and the processor time of one event or request in microseconds. */
const COSTS: Record<string, (build: Build) => Promise<number>> = {
  'a draft': (build) => perEvent(build, 'drafts'),
  [`an event that nobody awaits, in groups of 1,000`]: (build) => perEvent(build, 'unawaited'),
  'an event that is awaited alone': (build) => perEvent(build, 'awaited'),
  'a request without the middleware': (build) => perRequest(build, '/bare/9'),
  'a request that passes the middleware': (build) => perRequest(build, '/orgs/7/members/9'),
  'a request with one event': (build) => perRequest(build, '/orgs/7/invites/9'),
};

/**
 * Processor time of the process that records; database and load are others. An earlier build is compared when
 * BENCH_BEFORE names the folder of its `dist`.
 */
export async function benchCost(connect: () => Promise<Connection>, uri: string): Promise<void> {
  const before = process.env['BENCH_BEFORE'];
  const folders = [...(before ? [['before', resolve(before)]] : []), ['now', join(__dirname, '../dist')]];
  const builds = await Promise.all(
    folders.map(async ([name = '', dist = '']) => start(name, dist, uri, (await connect()).name)),
  );
  try {
    for (const [title, cost] of Object.entries(COSTS)) {
      for (let i = 0; i < WARM_UP_ROUNDS; i++) await Promise.all(builds.map(cost));
      const contenders = builds.map((build): Contender => ({ name: build.name, run: () => cost(build) }));
      await compare(`Processor time of ${title}`, 'µs', ROUNDS, contenders);
    }
  } finally {
    for (const build of builds) build.process.disconnect();
  }
}

async function start(name: string, dist: string, uri: string, dbName: string): Promise<Build> {
  const task: CostTask = { dist, uri, dbName };
  const process = fork(join(__dirname, 'cost-process.ts'), [JSON.stringify(task)], {
    execArgv: ['--import', 'tsx'],
  });
  const [port] = (await once(process, 'message')) as [number];
  return { name, process, port };
}

async function perEvent(build: Build, work: keyof typeof COUNTS): Promise<number> {
  const begun = await ask(build, 'rest');
  return ((await ask(build, work)) - begun) / COUNTS[work];
}

async function perRequest(build: Build, path: string): Promise<number> {
  const begun = await ask(build, 'rest');
  await autocannon({ url: `http://127.0.0.1:${build.port}${path}`, connections: 1, amount: REQUESTS });
  return ((await ask(build, 'rest')) - begun) / REQUESTS;
}

/** Lets a process work, and gives the processor time that it has used so far. */
async function ask({ process }: Build, work: CostWork): Promise<number> {
  process.send(work);
  const [microseconds] = (await once(process, 'message')) as [number];
  return microseconds;
}
