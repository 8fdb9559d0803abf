import { setTimeout as delay } from 'node:timers/promises';
import { inviteModel } from './invites';
import { POST, startLoad } from './load';
import type { Peer } from './peer';
import { PEERS } from './contenders';
import { FORCED_ROUNDS, SECONDS } from './plan';
import { type Row, shares } from './table';
import { type Bench, missing, takeTurns, trial } from './trial';

interface Outcome {
  inserts: number;
  answered: number;
  insertsWithout: number | undefined;
  answeredWithout: number | undefined;
}

/** What has no record when the application was killed under load, once it has been started and ended again. */
export async function crash(bench: Bench): Promise<Row[]> {
  const outcomes = await takeTurns('SIGKILL', PEERS, FORCED_ROUNDS, (peer) => killUnderLoad(bench, peer));
  return [
    shares(
      '**`kill -9` under POST load**, next start: business inserts without a record',
      outcomes.map((rounds) => rounds.map((round) => ({ missing: round.insertsWithout, of: round.inserts }))),
    ),
    shares(
      '… answered requests without a record, at least',
      outcomes.map((rounds) =>
        rounds.map((round) => ({ missing: atLeast0(round.answeredWithout), of: round.answered })),
      ),
    ),
  ];
}

async function killUnderLoad(bench: Bench, peer: Peer): Promise<Outcome> {
  return trial(bench, peer, async (run) => {
    const app = await run.start();
    const { done } = startLoad(app, POST);
    await delay(SECONDS * 1000);
    await app.kill();
    const { answered } = await done;
    const next = await run.start(); // records what the first one has left, if that is how the contender works
    await next.end();
    const inserts = await inviteModel(run.connection).countDocuments();
    return {
      inserts,
      answered,
      insertsWithout: await missing(peer, run, inserts),
      answeredWithout: await missing(peer, run, answered),
    };
  });
}

/** Below 0 are requests that have a record, but were not answered any more. */
function atLeast0(count: number | undefined): number | undefined {
  return count === undefined ? undefined : Math.max(0, count);
}
