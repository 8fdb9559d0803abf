import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Connection } from 'mongoose';
import { createClient } from '../client';
import type { AuditLog } from '../lib/audit-log';
import { createAudit } from './built';
import { compare, perSecond } from './measure';

const PROGRAM = join(__dirname, '../dist/bin/audit-ledger.js');
const BATCH = 1_000;
const BATCHES = 5;
const CALLERS = 20;
const EACH = 50;

function event(tenantId: string) {
  const resource = { id: 'invite_7', type: 'invite' };
  return { tenantId, action: 'org.member.invite', actor: 'user_7', resource, metadata: { role: 'member' } };
}

/** The same through HTTP, by a collector in a process of its own, as in the process that has the database. */
export async function benchCollector(connect: () => Promise<Connection>, uri: string): Promise<void> {
  const connection = await connect();
  const audit = createAudit({ connection });
  const args = ['serve', '--port', '0', '--uri', uri, '--db', connection.name];
  const collector = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(collector.stdout), 'line')) as [string];
  const { port } = JSON.parse(line) as { port: number };
  const { key: apiKey } = await audit.keys.create({ name: 'bench', scopes: ['write'], tenants: 'any' });
  const client = createClient({ url: `http://127.0.0.1:${port}`, apiKey });
  const ways = [
    { name: 'in process', log: audit },
    { name: 'through a collector', log: client },
  ];
  for (const [title, run] of [
    [`Batches of ${BATCH}`, batches],
    [`event(), ${CALLERS} callers that await each`, awaited],
  ] as const)
    await compare(
      title,
      'events/s',
      9,
      ways.map(({ name, log }) => ({ name, run: (round) => run(log, `${name} ${round}`) })),
    );
  await client.close();
  await audit.close();
  collector.kill();
}

async function batches(log: AuditLog, tenantId: string): Promise<number> {
  return perSecond(BATCH * BATCHES, async () => {
    for (let i = 0; i < BATCHES; i++) {
      const batch = log.batch();
      for (let n = 0; n < BATCH; n++) batch.event(event(tenantId));
      await batch.commit();
    }
  });
}

async function awaited(log: AuditLog, tenantId: string): Promise<number> {
  return perSecond(CALLERS * EACH, () =>
    Promise.all(
      Array.from({ length: CALLERS }, async () => {
        for (let n = 0; n < EACH; n++) await log.event(event(tenantId));
      }),
    ),
  );
}
