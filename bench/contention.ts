import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Connection } from 'mongoose';
import { createAudit } from './built';
import type { WriterTask } from './contention-writer';
import { compare } from './measure';

const CALLERS = 20;
const SECONDS = 5;
const ROUNDS = 3;

/** What several processes record together, of one tenant and of one each, against one process alone. */
export async function benchContention(connect: () => Promise<Connection>, uri: string): Promise<void> {
  const contender = (processes: number, tenants: 'one tenant' | 'a tenant each') => ({
    name: `${processes} ${processes === 1 ? 'process' : 'processes'}, ${tenants}`,
    run: async () => together(await connect(), uri, processes, tenants === 'one tenant'),
  });
  await compare(`Recording from several processes, ${CALLERS} callers in each`, 'events/s', ROUNDS, [
    contender(1, 'one tenant'),
    contender(2, 'one tenant'),
    contender(4, 'one tenant'),
    contender(8, 'one tenant'),
    contender(4, 'a tenant each'),
  ]);
}

async function together(
  connection: Connection,
  uri: string,
  processes: number,
  sharing: boolean,
): Promise<number> {
  const writers = Array.from({ length: processes }, (_, i) => {
    const tenantId = sharing ? 'acme' : `tenant_${i}`;
    const task: WriterTask = { uri, dbName: connection.name, tenantId, callers: CALLERS, seconds: SECONDS };
    return fork(join(__dirname, 'contention-writer.ts'), [JSON.stringify(task)], {
      execArgv: ['--import', 'tsx'],
    });
  });
  await Promise.all(writers.map((writer) => once(writer, 'message')));
  const results = writers.map(async (writer) => (await once(writer, 'message'))[0] as { recorded: number });
  for (const writer of writers) writer.send('go');
  const recorded = (await Promise.all(results)).reduce((sum, result) => sum + result.recorded, 0);
  await assertIntact(connection, sharing ? 'acme' : 'tenant_0');
  await connection.dropDatabase();
  return recorded / SECONDS;
}

async function assertIntact(connection: Connection, tenantId: string): Promise<void> {
  const audit = createAudit({ connection });
  const { verdict } = await audit.verify({ tenantId });
  await audit.close();
  if (verdict !== 'intact') throw new Error(`the chain of ${tenantId} is ${verdict}`);
}
