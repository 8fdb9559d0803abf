import { setTimeout as delay } from 'node:timers/promises';
import { inviteModel } from './invites';
import { FLOOD, type Figures, type Kind, load, POST, REFUSED } from './load';
import type { Peer } from './peer';
import { PEERS } from './contenders';
import { CONNECTIONS, ROUNDS, SECONDS, WARM_UP_SECONDS } from './plan';
import { ratios, type Row, shares } from './table';
import { type Bench, missing, takeTurns, trial } from './trial';

const SETTLING_MS = 1_000;

interface Outcome extends Figures {
  /** Requests without a record, of all that were answered. */
  soonAfter: number | undefined;
  atTheEnd: number | undefined;
}

/** Requests a second and p99, and which requests have no record in the end. */
export async function throughput(bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of [POST, FLOOD, REFUSED]) {
    const outcomes = await takeTurns(kind.title, PEERS, ROUNDS, (peer) => measure(bench, peer, kind));
    rows.push(...rowsOf(kind, outcomes));
  }
  return rows;
}

async function measure(bench: Bench, peer: Peer, kind: Kind): Promise<Outcome> {
  return trial(bench, peer, async (run) => {
    const app = await run.start();
    const warmUp = await load(app, kind, WARM_UP_SECONDS);
    const figures = await load(app, kind, SECONDS);
    const answered = warmUp.answered + figures.answered;
    // One second is what all are given, flushing included, where there is such a call.
    await Promise.all([delay(SETTLING_MS), Promise.race([app.flush(), delay(SETTLING_MS)])]);
    const soonAfter = await missing(peer, run, answered);
    await app.end();
    const inserts = await inviteModel(run.connection).countDocuments();
    if (kind.method === 'POST' && inserts !== answered)
      throw new Error(`${peer.name}: ${answered} requests were answered, but ${inserts} inserts made`);
    return { ...figures, answered, soonAfter, atTheEnd: await missing(peer, run, answered) };
  });
}

function rowsOf({ title }: Kind, outcomes: Outcome[][]): Row[] {
  const pick = (name: 'rate' | 'p99'): number[][] =>
    outcomes.map((rounds) => rounds.map((round) => round[name]));
  const absent = (name: 'soonAfter' | 'atTheEnd'): { missing: number | undefined; of: number }[][] =>
    outcomes.map((rounds) => rounds.map((round) => ({ missing: round[name], of: round.answered })));
  return [
    ratios(`**${title}**, ${CONNECTIONS} connections`, pick('rate'), (rate) => `${rate.toFixed(0)}/s`),
    ratios('… p99', pick('p99'), (p99) => `${p99.toFixed(1)} ms`),
    shares('… answered without a record 1 s after the load', absent('soonAfter')),
    shares('… and after an orderly end', absent('atTheEnd')),
  ];
}
