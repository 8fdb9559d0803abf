import { type Connection, createConnection, type mongo } from 'mongoose';
import type { Audit } from '../../../index';
import { createAudit } from '../../support/create-audit';
import { connect } from '../../support/connection';
import { storeChain } from '../../support/ready-chain';
import { newKey } from '../../support/signing';
import { sharedDatabaseUri } from '../../support/database';

const SIZE = 2_000;

let watched: Connection;
let audit: Audit;
let commands: mongo.Document[];

beforeAll(async () => {
  const connection = await connect();
  const change = (seq: number) => ({
    actor: `user_${seq % 40}`,
    action: `org.a${seq % 5}`,
    resource: `r${seq % 300}`,
    outcome: seq % 9 ? ('success' as const) : ('denied' as const),
  });
  for (const tenantId of ['t', 'u', 'v']) await storeChain(connection, tenantId, SIZE, change);
  const writer = createAudit({ connection, ledger: 'l.example', signingKey: newKey() });
  await writer.checkpoint('t');
  await writer.close();
  const options = { dbName: connection.name, monitorCommands: true };
  watched = await createConnection(sharedDatabaseUri(), options).asPromise();
  watched.getClient().on('commandStarted', ({ command }) => commands.push(command));
  audit = createAudit({ connection: watched, readOnly: true });
});
afterAll(async () => {
  await audit.close();
  await watched.close();
});
beforeEach(() => {
  commands = [];
});

/** All stages of a plan, and the names of the indexes in it. */
function flatten(plan: unknown): { stages: string[]; indexes: string[] } {
  const text = JSON.stringify(plan);
  const all = (name: string) =>
    [...text.matchAll(new RegExp(`"${name}":"([^"]+)"`, 'g'))].map(([, found]) => found ?? '');
  return { stages: all('stage'), indexes: all('indexName') };
}

async function explained(command: mongo.Document): Promise<{ stages: string[]; indexes: string[] }> {
  const name = Object.keys(command)[0]!;
  const kept = ['filter', 'sort', 'limit', 'projection', 'hint', 'pipeline', 'query', 'key'];
  const plain = Object.fromEntries(
    Object.entries(command).filter(([member]) => member === name || kept.includes(member)),
  );
  const explain = name === 'aggregate' ? { ...plain, cursor: {} } : plain;
  const { queryPlanner, stages } = await watched.db!.command({ explain, verbosity: 'queryPlanner' });
  const plan: unknown = (queryPlanner as { winningPlan?: unknown } | undefined)?.winningPlan ?? stages;
  return flatten(plan);
}

const orders = ['asc', 'desc'] as const;
const filters = [
  {},
  { actor: 'user_7' },
  { action: 'org.a1' },
  { action: 'org.*' },
  { resource: 'r5' },
  { outcome: 'denied' },
  { from: '2025-01-01' },
] as const;
const reads: [string, () => Promise<unknown>][] = [
  ...filters.flatMap((filter) =>
    orders.map((order): [string, () => Promise<unknown>] => [
      `list ${JSON.stringify(filter)} ${order}`,
      () => audit.list({ tenantId: 't', order, limit: 50, ...filter }),
    ]),
  ),
  ['get', () => audit.get({ tenantId: 't', id: 'ready-7' })],
  ['verify', () => audit.verify({ tenantId: 't' })],
];

describe('each query of the product', () => {
  it.each(reads)('reads an index, and sorts nothing: %s', async (_what, read) => {
    await read();
    const queries = commands.filter((command) =>
      ['find', 'aggregate', 'count'].includes(Object.keys(command)[0]!),
    );
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) {
      const { stages, indexes } = await explained(query);
      expect(stages).not.toContain('COLLSCAN');
      expect(stages).not.toContain('SORT');
      expect(indexes.length).toBeGreaterThan(0);
      const filter = (query['filter'] ?? {}) as mongo.Document;
      // What stands in a tenant's name without being in its chain is looked for by its id.
      const index = '_id' in filter ? /^_id_$/ : /^tenantId_1_/;
      if ('tenantId' in filter) for (const used of indexes) expect(used).toMatch(index);
    }
  });
});
