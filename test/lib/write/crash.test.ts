import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import { createAudit } from '../../support/create-audit';
import { allEntries } from '../../support/all-entries';
import { compiledPath } from '../../support/compiled-path';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import { Load } from '../../support/load';
import { until } from '../../support/deadline';
import { sized } from '../../support/sized';
import type { LoadTask } from '../../support/spool-process';

const quiet = { warn: () => undefined, error: () => undefined };

/** How often a process is killed; half of them one after the other, beside the other half. */
const KILLS = sized(4, 50);

/** Reports of a process before it may be killed. */
const PROGRESS = 11;

/** Give the seed of a failure as AUDIT_TEST_SEED to repeat its moments. */
const SEED = Number(process.env['AUDIT_TEST_SEED'] ?? Date.now() % 1_000_000);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'audit-spool-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Numbers from [0, 1) that a seed decides (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function taskOf(connection: Connection, name: string, task: Partial<LoadTask>): LoadTask {
  const options = { spool: { directory } };
  const uri = sharedDatabaseUri();
  return { uri, dbName: connection.name, tenantId: 'hot', name, options, report: 'accepted', ...task };
}

/** Starts processes one after the other and kills each at a random moment after its first reports. */
async function killed(tasks: LoadTask[], least: number, random: () => number): Promise<string[]> {
  const ids: string[] = [];
  for (const task of tasks) {
    const load = new Load(compiledPath('test/support/spool-process.ts'), task);
    await load.reported(least);
    await wait(random() * 200);
    await load.kill();
    ids.push(...load.ids);
  }
  return ids;
}

describe(`when processes with a spool are killed under load ${KILLS} times (seed ${SEED})`, () => {
  it('has each event that was accepted in the chain once, and leaves nothing in the spool', async () => {
    const connection = await connect();
    const random = randomOf(SEED);
    const tasks = Array.from({ length: KILLS }, (_, i) => taskOf(connection, `process-${i}`, {}));
    // Two at a time: one finds what the other left while both record.
    const lanes = [tasks.slice(0, KILLS / 2), tasks.slice(KILLS / 2)];
    const ids = (await Promise.all(lanes.map((lane) => killed(lane, PROGRESS, random)))).flat();

    const audit = createAudit({ connection, spool: { directory }, logger: quiet });
    const errors: Error[] = [];
    audit.on('error', (error) => errors.push(error));
    await until(() => readdirSync(directory).length === 1); // its own folder
    await audit.flush();
    const entries = await allEntries(audit, 'hot');

    const stored = entries.map(({ id }) => id);
    expect(ids.length).toBeGreaterThanOrEqual(PROGRESS * KILLS);
    expect(new Set(stored).size).toBe(stored.length);
    const missing = new Set(ids);
    for (const id of stored) missing.delete(id);
    expect([...missing]).toEqual([]);
    expect(await audit.verify({ tenantId: 'hot' })).toMatchObject({
      verdict: 'intact',
      size: entries.length,
    });
    for (const { name } of tasks) {
      const own = entries.filter(({ actor }) => actor === name);
      expect(own.map(({ metadata }) => metadata)).toEqual(own.map((_, n) => ({ n }))); // in its order, without a gap
    }
    expect(errors).toEqual([]);
    await audit.close();
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe(`when processes without a spool are killed under load (seed ${SEED})`, () => {
  it('has each event whose receipt was given in the chain once', async () => {
    const connection = await connect();
    const tasks = Array.from({ length: sized(2, 20) }, (_, i) =>
      taskOf(connection, `process-${i}`, { options: {}, report: 'recorded' }),
    );
    const ids = await killed(tasks, 2, randomOf(SEED));

    const audit = createAudit({ connection, logger: quiet });
    const entries = await allEntries(audit, 'hot');
    const stored = entries.map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(tasks.length);
    expect(new Set(stored).size).toBe(stored.length);
    expect(stored).toEqual(expect.arrayContaining(ids));
    expect(await audit.verify({ tenantId: 'hot' })).toMatchObject({ verdict: 'intact' });
    await audit.close();
  });
});
