import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Connection } from 'mongoose';
import { createAudit } from '../../support/create-audit';
import { leavesOf } from '../../support/chain';
import type { CheckpointTask } from '../../support/checkpoint-process';
import { compiledPath } from '../../support/compiled-path';
import { connect } from '../../support/connection';
import { sharedDatabaseUri } from '../../support/database';
import { until } from '../../support/deadline';
import { treeOf } from '../../support/naive-tree';
import { storeChain } from '../../support/ready-chain';
import { LEDGER, newKey, pemOf, statedIn } from '../../support/signing';
import { sized } from '../../support/sized';

const PROCESSES = 4;
const ROUNDS = sized(3, 5);
/** Entries whose tree takes several writes: the first of them is seen before the last is made. */
const SIZE = 6_000;

const key = newKey();

function start(connection: Connection, rounds: number, more: Partial<CheckpointTask> = {}): ChildProcess {
  const task: CheckpointTask = {
    uri: sharedDatabaseUri(),
    dbName: connection.name,
    ledger: LEDGER,
    signingKey: pemOf(key),
    tenantId: 'hot',
    rounds,
    ...more,
  };
  const program = compiledPath('test/support/checkpoint-process.ts');
  return fork(program, [JSON.stringify(task)], { execArgv: [] });
}

describe('when four processes record and make checkpoints of one tenant at once', () => {
  it('states one chain, and ends each process once it is closed', async () => {
    const connection = await connect();
    const notes: string[] = [];
    const children = Array.from({ length: PROCESSES }, () => start(connection, ROUNDS, { everySeconds: 1 }));
    for (const child of children)
      child.on('message', (message: { note?: string }) => {
        if (message.note !== undefined) notes.push(message.note);
      });
    const codes = await Promise.all(children.map((child) => once(child, 'exit')));
    expect(codes.map(([code]) => code as number)).toEqual(codes.map(() => 0));
    expect(notes).toHaveLength(PROCESSES * ROUNDS);

    const tree = treeOf(await leavesOf(connection.db!.collection('audit_entries'), 'hot'));
    for (const note of notes) {
      const { size, root } = statedIn(note);
      expect(root).toBe(Buffer.from(tree(0, size)).toString('hex'));
    }
    const audit = createAudit({ connection, ledger: LEDGER, signingKey: key });
    const size = PROCESSES * ROUNDS * 10;
    const intact = { verdict: 'intact', anchor: 'pinned', size };
    for (const note of notes.slice(-3))
      expect(await audit.verify({ tenantId: 'hot', checkpoint: note })).toMatchObject(intact);
    expect(await audit.list({ tenantId: 'system', action: 'ledger.failure' })).toHaveLength(0);
    await audit.close();
  });
});

describe('when a process is killed while it builds a tree', () => {
  it('leaves nothing wrong', async () => {
    const connection = await connect();
    const audit = createAudit({ connection, ledger: LEDGER, signingKey: key });
    await storeChain(connection, 'hot', SIZE);
    const tiles = connection.db!.collection('audit_tiles');
    const child = start(connection, 1);
    await until(async () => (await tiles.estimatedDocumentCount()) > 0, 'tiles are written');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { size } = statedIn(await audit.checkpoint('hot'));
    expect(size).toBeGreaterThanOrEqual(SIZE);
    const report = await audit.verify({ tenantId: 'hot' });
    expect(report).toMatchObject({ verdict: 'intact', anchor: 'signed', anchoredSize: size });
    await audit.close();
  });
});
