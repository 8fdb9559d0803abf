import { POST, startLoad } from './load';
import type { Peer } from './peer';
import { PEERS } from './contenders';
import { FORCED_ROUNDS } from './plan';
import type { Row } from './table';
import { type Bench, missing, takeTurns, trial } from './trial';

const PROCESSES = 4;
const EVENTS = 250;

/** Whether the chain holds when several processes write it at once. */
export async function chain(bench: Bench): Promise<Row[]> {
  const chained = PEERS.filter((peer) => 'chain' in peer);
  const outcomes = await takeTurns('chain', chained, FORCED_ROUNDS, (peer) => writeTogether(bench, peer));
  const cell = (peer: Peer): string =>
    [...new Set(outcomes[chained.indexOf(peer)] ?? ['no chain'])].join('<br>');
  return [[`**${PROCESSES} processes write one chain**, ${EVENTS} events each at once`, ...PEERS.map(cell)]];
}

async function writeTogether(bench: Bench, peer: Peer): Promise<string> {
  return trial(
    bench,
    peer,
    async (run) => {
      const apps = await Promise.all(Array.from({ length: PROCESSES }, () => run.start()));
      const loads = await Promise.all(apps.map((app) => startLoad(app, POST, EVENTS).done));
      await Promise.all(apps.map((app) => app.end()));
      const answered = loads.reduce((sum, each) => sum + each.answered, 0);
      const absent = await missing(peer, run, answered);
      const verdict = await peer.chain!(run.connection);
      return absent ? `${verdict}; ${absent} of ${answered} without a record` : verdict;
    },
    { shared: true },
  );
}
