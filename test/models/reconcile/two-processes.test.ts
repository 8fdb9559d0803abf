import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Schema } from 'mongoose';
import { auditChanges } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { compiledPath } from '../../support/compiled-path';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import type { ChangingTask } from '../../support/changing-process';

const COUNT = process.env['AUDIT_TEST_LONG'] === undefined ? 60 : 2000;
const SPREAD = 5;

it('two processes that change documents all the time: nothing is told that has an event', async () => {
  const connection = await connect();
  const audit = createAudit({ connection });
  await audit.event({ tenantId: 'acme', action: 'a.b' });
  const slots = Array.from({ length: SPREAD }, (_, slot) => ({ n: 0, slot }));
  await connection.collection('counters').insertMany(slots);
  const schema = new Schema({ n: Number, by: String, slot: Number });
  schema.plugin(auditChanges, { name: 'counter', audit });
  const Counter = connection.model('Counter', schema);
  const program = compiledPath('test/support/changing-process.ts');
  let running = 2;
  const codes = ['ann', 'bob'].map(async (name) => {
    const task: ChangingTask = {
      uri: sharedDatabaseUri(),
      dbName: connection.name,
      name,
      count: COUNT,
      spread: SPREAD,
    };
    const [code] = (await once(fork(program, [JSON.stringify(task)]), 'exit')) as [number];
    running--;
    return code;
  });
  let runs = 0;
  for (; running > 0 || runs === 0; runs++) {
    const report = await audit.reconcile({ model: Counter, tenantId: 'acme', dryRun: true });
    expect(report).toMatchObject({ documents: SPREAD, findings: [] });
  }
  expect(await Promise.all(codes)).toEqual([0, 0]);
  await Counter.collection.updateOne({ slot: 1 }, { $set: { by: 'nobody' } });
  const { findings } = await audit.reconcile({ model: Counter, tenantId: 'acme' });
  expect(findings).toMatchObject([{ kind: 'changed', changed: ['by'], tenantId: 'acme' }]);
  await audit.close();
});
