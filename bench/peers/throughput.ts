import { setTimeout as delay } from 'node:timers/promises';
import { processorTime } from '../processor-time';
import type { App } from './app-process';
import { inviteModel } from './invites';
import { FLOOD, type Figures, type Kind, load, POST, REFUSED, startLoad } from './load';
import type { Peer } from './peer';
import { PEERS } from './contenders';
import { CONNECTIONS, namedIn, ROUNDS, SECONDS, WARM_UP_REQUESTS } from './plan';
import { ratios, type Row, shares } from './table';
import { type Bench, missing, takeTurns, trial } from './trial';

const SETTLING_MS = 1_000;

/** Processor time in milliseconds. */
interface Processor {
  application: number;
  database: number;
}

interface Outcome extends Figures, Processor {
  /** Requests without a record, of all that were answered. */
  soonAfter: number | undefined;
  atTheEnd: number | undefined;
}

/** Requests a second and p99, and which requests have no record in the end. */
export async function throughput(bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of [POST, FLOOD, REFUSED].filter(({ name }) => namedIn('BENCH_KINDS', name))) {
    const outcomes = await takeTurns(kind.title, PEERS, ROUNDS, (peer) => measure(bench, peer, kind));
    rows.push(...rowsOf(kind, outcomes));
  }
  return rows;
}

async function measure(bench: Bench, peer: Peer, kind: Kind): Promise<Outcome> {
  return trial(bench, peer, async (run) => {
    const app = await run.start();
    const warmUp = await startLoad(app, kind, WARM_UP_REQUESTS).done;
    await settle(app);
    const before = await processor(bench, app);
    const figures = await load(app, kind, SECONDS);
    const answered = warmUp.answered + figures.answered;
    await settle(app);
    const after = await processor(bench, app);
    const perRequest = (name: keyof Processor): number => (after[name] - before[name]) / figures.answered;
    const soonAfter = await missing(peer, run, answered);
    await app.end();
    const inserts = await inviteModel(run.connection).countDocuments();
    if (kind.method === 'POST' && inserts !== answered)
      throw new Error(`${peer.name}: ${answered} requests were answered, but ${inserts} inserts made`);
    const [application, database] = [perRequest('application'), perRequest('database')];
    const atTheEnd = await missing(peer, run, answered);
    return { ...figures, answered, application, database, soonAfter, atTheEnd };
  });
}

/** One second is what all are given, flushing included, where there is such a call. */
async function settle(app: App): Promise<void> {
  await Promise.all([delay(SETTLING_MS), Promise.race([app.flush(), delay(SETTLING_MS)])]);
}

async function processor({ database }: Bench, app: App): Promise<Processor> {
  const { processorMs } = await app.health();
  return { application: processorMs, database: processorTime(database.pid()) };
}

function rowsOf({ title }: Kind, outcomes: Outcome[][]): Row[] {
  const pick = (name: 'rate' | 'p99' | keyof Processor): number[][] =>
    outcomes.map((rounds) => rounds.map((round) => round[name]));
  const absent = (name: 'soonAfter' | 'atTheEnd'): { missing: number | undefined; of: number }[][] =>
    outcomes.map((rounds) => rounds.map((round) => ({ missing: round[name], of: round.answered })));
  return [
    ratios(`**${title}**, ${CONNECTIONS} connections`, pick('rate'), (rate) => `${rate.toFixed(0)}/s`),
    ratios('… p99', pick('p99'), (p99) => `${p99.toFixed(1)} ms`),
    ratios('… processor time of the application, per request', pick('application'), milliseconds),
    ratios('… of the database', pick('database'), milliseconds),
    shares('… answered without a record 1 s after the load', absent('soonAfter')),
    shares('… and after an orderly end', absent('atTheEnd')),
  ];
}

const milliseconds = (time: number): string => `${time.toFixed(2)} ms`;
