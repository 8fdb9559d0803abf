import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from '../../support/at-end';
import { createAudit } from '../../support/create-audit';
import { allEntries } from '../../support/all-entries';
import type { ClientTask } from '../../support/client-process';
import { compiledPath } from '../../support/compiled-path';
import { connectWithTimeout } from '../../support/connect-with-timeout';
import { network } from '../../support/cut-network';
import { startDatabase } from '../../support/database-server';
import { until } from '../../support/deadline';
import { type Fault, faultyProxy } from '../../support/faulty-proxy';
import { Load } from '../../support/load';
import { serve } from '../../support/served';
import { type Serving, startServing } from '../../support/serving';
import { sized } from '../../support/sized';

/** How often a collector is killed. */
const KILLS = sized(10, 40);

/** Receipts of each client between two of them. */
const PROGRESS = 15;

const TENANTS = ['acme', 'beta', 'gamma'];
const FAULTS: Fault[] = ['lost', 'cut', 'torn', 'twice', 'late', 'overtaken', 'page', 429, 500, 502];
const quiet = { warn: () => undefined, error: () => undefined };

/** A third of all requests meets one. */
function nextFault(): Fault {
  const at = Math.floor(Math.random() * FAULTS.length * 3);
  return FAULTS[at] ?? 'pass';
}

it('clients in processes of their own lose nothing: collectors and a client killed, the network cut, the database away', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'audit-client-'));
  const database = await startDatabase();
  const dbName = `chaos_${process.pid}`;
  const connection = await connectWithTimeout(database.uri, dbName);
  atEnd(async () => {
    await connection.close();
    await database.close();
    rmSync(directory, { recursive: true });
  });
  const audit = createAudit({ connection, logger: quiet });
  const { key: apiKey } = await audit.keys.create({ name: 'chaos', scopes: ['write'], tenants: 'any' });

  const collect = () => startServing(['--uri', database.uri, '--db', dbName]);
  const collectors: [Serving, Serving] = [await collect(), await collect()];
  let turn = 0;
  const line = await network(() => collectors[turn++ % 2]!.port);
  const { url } = await serve(faultyProxy(line.url, nextFault));

  const clients: Load[] = [];
  const start = (task: Pick<ClientTask, 'name' | 'directory'>) => {
    const load = new Load(compiledPath('test/support/client-process.ts'), {
      url,
      apiKey,
      tenants: TENANTS,
      ...task,
    });
    atEnd(() => load.child.kill('SIGKILL'));
    clients.push(load);
    return load;
  };
  const memory = [start({ name: 'a' }), start({ name: 'b' })];
  let spooled = start({ name: 'c', directory });
  const progress = async () => {
    const running = [...memory, spooled];
    const before = running.map(({ receipts }) => receipts.length);
    await Promise.all(
      running.map((load, i) => load.until(() => load.receipts.length >= before[i]! + PROGRESS)),
    );
  };

  for (let kill = 0; kill < KILLS; kill++) {
    await progress();
    await collectors[kill % 2]!.kill();
    collectors[kill % 2] = await collect();
    if (kill === 2) {
      line.cut();
      await until(() => line.refused() >= 10, 'the network is missed');
      line.mend();
    }
    if (kill === 5) {
      const tries = spooled.trace.length;
      await database.kill();
      await spooled.until(() => spooled.trace.length > tries);
      await spooled.kill();
      await database.restart();
      spooled = start({ name: 'd', directory });
    }
  }
  for (const load of [...memory, spooled]) load.child.send('stop');
  await Promise.all([...memory, spooled].map((load) => load.done()));

  expect(clients.flatMap(({ errors }) => errors)).toEqual([]);
  const found: string[] = [];
  for (const tenantId of TENANTS) {
    const entries = await allEntries(audit, tenantId);
    found.push(...entries.map(({ id }) => id));
    for (const name of ['a', 'b', 'c', 'd']) {
      const order = entries
        .filter(({ actor }) => actor === name)
        .map(({ metadata }) => (metadata as { n: number }).n);
      expect(order).toEqual(order.toSorted((x, y) => x - y));
    }
    const hashes = new Map(entries.map(({ id, hash }) => [id, hash]));
    const receipts = clients
      .flatMap((load) => load.receipts)
      .filter((receipt) => receipt.tenantId === tenantId);
    expect(receipts.filter(({ id, hash }) => hashes.get(id) !== hash)).toEqual([]);
    expect(await audit.verify({ tenantId })).toMatchObject({ verdict: 'intact' });
  }
  const accepted = clients.flatMap(({ ids }) => ids);
  expect(new Set(found).size).toBe(found.length);
  // One that the killed process was about to tell of may be there, too.
  expect(accepted.filter((id) => !found.includes(id))).toEqual([]);
  expect(found.filter((id) => !accepted.includes(id)).length).toBeLessThanOrEqual(1);
  expect(readdirSync(directory)).toEqual([]);
  await audit.close();
});
