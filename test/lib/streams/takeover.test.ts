import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createAudit } from '../../support/create-audit';
import { compiledPath } from '../../support/compiled-path';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import { until } from '../../support/deadline';
import { Collector } from '../../support/streams/hec';
import type { DelivererTask } from '../../support/streams/deliverer-process';

const TENANTS = ['acme', 'globex', 'initech'];

const KILLS = 10;

/** A fifth of a ledger's own, so that ten takeovers take no minute: `turn.test.ts` has the times themselves. */
const TICK = 200;

/** Entries of a batch of the destination, which alone may come twice for each kill. */
const BATCH = 1_000;

const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

async function start(task: DelivererTask): Promise<ChildProcess> {
  const child = fork(compiledPath('test/support/streams/deliverer-process.ts'), [JSON.stringify(task)], {
    execArgv: [],
  });
  started.push(child);
  await once(child, 'message');
  return child;
}

describe('when the process that delivers is killed', () => {
  it(`loses nothing of three processes in ${KILLS} kills, and repeats no more than the batch under way`, async () => {
    const collector = new Collector({ token: 'secret' });
    const url = await collector.http.listen();
    const connection = await connect();
    const task = { uri: sharedDatabaseUri(), dbName: connection.name, url, tenants: TENANTS, tick: TICK };
    const children = await Promise.all([start(task), start(task), start(task)]);
    const reader = createAudit({ connection });
    let replacement: Promise<ChildProcess> | undefined;
    for (let kill = 0; kill < KILLS; kill++) {
      const before = collector.envelopes.length;
      await until(() => collector.envelopes.length > before + 20, 'entries arrive');
      if (replacement) children.push(await replacement);
      const deliverer = await delivererAmong(children);
      const killed = children.splice(deliverer, 1)[0]!;
      killed.kill('SIGKILL');
      replacement = start(task);
    }
    children.push(await replacement!);
    const sizes = await rested(children, reader);
    const seen = (tenantId: string) =>
      new Set(
        collector.envelopes.filter(({ event }) => event.tenantId === tenantId).map(({ event }) => event.seq),
      );
    await until(
      () => TENANTS.every((tenantId) => seen(tenantId).size >= sizes[tenantId]!),
      'all has arrived',
    );
    for (const tenantId of TENANTS) expect(Math.max(...seen(tenantId))).toBe(sizes[tenantId]);
    const repeated =
      collector.envelopes.length - TENANTS.reduce((sum, tenantId) => sum + sizes[tenantId]!, 0);
    expect(repeated).toBeLessThanOrEqual(KILLS * BATCH);
    assertSameOrder(collector);
    for (const child of children) {
      child.send('end');
      await once(child, 'disconnect');
    }
    await reader.close();
    await collector.http.close();
  });
});

/** Each process tells whether it delivers; between two turns nobody does. */
async function delivererAmong(children: ChildProcess[]): Promise<number> {
  for (const [i, child] of children.entries()) {
    child.send('who');
    const [isHere] = (await once(child, 'message')) as [boolean];
    if (isHere) return i;
  }
  return 0;
}

/** The sizes of the chains once nobody records any more. */
async function rested(
  children: ChildProcess[],
  reader: ReturnType<typeof createAudit>,
): Promise<Record<string, number>> {
  for (const child of children) {
    child.send('rest');
    await once(child, 'message');
  }
  const pages = await Promise.all(TENANTS.map((tenantId) => reader.list({ tenantId, limit: 1 })));
  return Object.fromEntries(TENANTS.map((tenantId, i) => [tenantId, pages[i]![0]!.seq]));
}

/** What comes for the first time comes in the order of its numbers, and a repetition is the same entry. */
function assertSameOrder({ envelopes }: Collector): void {
  const known = new Map<string, Map<number, string>>();
  for (const { event } of envelopes) {
    const seen = known.get(event.tenantId) ?? new Map<number, string>();
    known.set(event.tenantId, seen);
    if (seen.has(event.seq)) expect(seen.get(event.seq)).toBe(event.hash);
    else expect(event.seq).toBe(seen.size + 1);
    seen.set(event.seq, event.hash);
  }
}
