import type { ChangeOptions } from '../../../index';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import type { ManyChangesReport, ManyChangesTask } from '../../support/many-changes-process';
import { reportOf } from '../../support/report-of';
import { sized } from '../../support/sized';

const COUNT = sized(3_000, 100_000);

/** Fewer, so that a busy machine gets through: it is one portion after the other. */
const BESIDE = sized(3_000, 20_000);

/** What a write of so many may keep at the most, in bytes: their ids, and a portion of documents. */
const MEMORY = 150 * 1024 * 1024;

async function updateAll(count: number, options: Partial<ChangeOptions>): Promise<ManyChangesReport> {
  const { name: dbName } = await connect();
  const task: ManyChangesTask = { uri: sharedDatabaseUri(), dbName, count, options };
  return reportOf('test/support/many-changes-process.ts', [JSON.stringify(task)]);
}

it('many documents in one transaction: all of them and their events, or none and a clear error', async () => {
  const { code, changed, size, growth } = await updateAll(COUNT, {});
  expect([code, changed, size]).toEqual(
    code === null ? [null, COUNT, COUNT + 1] : ['TOO_MANY_CHANGES', 0, 1],
  );
  expect(growth).toBeLessThan(MEMORY);
});

it('many documents beside their events: in portions', async () => {
  const { code, changed, size, growth } = await updateAll(BESIDE, { atomic: false });
  expect([code, changed, size]).toEqual([null, BESIDE, BESIDE + 1]);
  expect(growth).toBeLessThan(MEMORY);
});
