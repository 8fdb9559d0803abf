import { setTimeout as delay } from 'node:timers/promises';
import { load, REFUSED, startLoad } from './load';
import type { Peer } from './peer';
import { PEERS } from './contenders';
import { AWAY_SECONDS, FORCED_ROUNDS, SECONDS, WARM_UP_SECONDS } from './plan';
import { ratios, type Row, shares } from './table';
import { type Bench, missing, takeTurns, trial } from './trial';

interface Outcome {
  answered: number;
  missing: number | undefined;
  /** While the database is away. */
  rate: number;
  p99: number;
  /** What the application died of; empty if it lived. */
  death: string;
}

/** How an application that needs no database for its answer does while the database is away, and what is lost. */
export async function outage(bench: Bench): Promise<Row[]> {
  const outcomes = await takeTurns('outage', PEERS, FORCED_ROUNDS, (peer) => endDatabase(bench, peer));
  const pick = (name: 'rate' | 'p99'): number[][] =>
    outcomes.map((rounds) => rounds.map((round) => round[name]));
  return [
    ratios(
      `**Database killed for ${AWAY_SECONDS} s under 401 load**, many addresses`,
      pick('rate'),
      perSecond,
    ),
    ratios('… p99 while it is away', pick('p99'), (p99) => `${p99.toFixed(1)} ms`),
    shares(
      '… answered without a record, after it is back and an orderly end',
      outcomes.map((rounds) => rounds.map(({ missing, answered }) => ({ missing, of: answered }))),
    ),
    ['… the application', ...outcomes.map(fate)],
  ];
}

async function endDatabase(bench: Bench, peer: Peer): Promise<Outcome> {
  const { database } = bench;
  return trial(bench, peer, async (run) => {
    const app = await run.start();
    const warmUp = await load(app, REFUSED, WARM_UP_SECONDS);
    const before = startLoad(app, REFUSED);
    await delay(SECONDS * 500);
    await database.kill();
    before.stop();
    const away = await load(app, REFUSED, AWAY_SECONDS);
    const after = startLoad(app, REFUSED);
    await database.restart();
    await delay(SECONDS * 500);
    after.stop();
    const loads = [warmUp, await before.done, away, await after.done];
    const death = app.isRunning() ? '' : app.lastError() || 'no error printed';
    await app.end();
    const answered = loads.reduce((sum, each) => sum + each.answered, 0);
    return { ...away, answered, missing: await missing(peer, run, answered), death };
  });
}

const perSecond = (rate: number): string => `${rate.toFixed(0)}/s`;

function fate(rounds: Outcome[]): string {
  const deaths = rounds.map(({ death }) => death).filter((death) => death !== '');
  if (deaths.length === 0) return 'lives';
  return `dies in ${deaths.length} of ${rounds.length}: ${[...new Set(deaths)].join('; ').replaceAll('|', '\\|')}`;
}
