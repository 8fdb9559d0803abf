import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createAudit } from '../../support/create-audit';
import { compiledPath } from '../../support/compiled-path';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import { until } from '../../support/deadline';
import type { ChangingTask } from '../../support/changing-process';

const COUNT = process.env['AUDIT_TEST_LONG'] === undefined ? 40 : 500;

it('two processes that change one document at once: the events are in the order of its changes', async () => {
  const connection = await connect();
  const audit = createAudit({ connection });
  await audit.event({ tenantId: 'acme', action: 'a.b' });
  await connection.collection('counters').insertOne({ n: 0 });
  const program = compiledPath('test/support/changing-process.ts');
  const codes = ['ann', 'bob'].map(async (name) => {
    const task: ChangingTask = { uri: sharedDatabaseUri(), dbName: connection.name, name, count: COUNT };
    const [code] = (await once(fork(program, [JSON.stringify(task)]), 'exit')) as [number];
    return code;
  });
  expect(await Promise.all(codes)).toEqual([0, 0]);

  const events = async () => [
    ...(await audit.list({ tenantId: 'acme', action: 'counter.update', order: 'asc', limit: 1000 })),
  ];
  await until(async () => (await events()).length >= 2 * COUNT);
  const chain = (await events()).map(({ before, after }) => [
    (before as { n: number }).n,
    (after as { n: number }).n,
  ]);
  expect(chain).toEqual(Array.from({ length: 2 * COUNT }, (_, n) => [n, n + 1]));
  expect((await audit.verify({ tenantId: 'acme' })).verdict).toBe('intact');
  await audit.close();
});
