import type { Connection } from 'mongoose';
import { createAudit } from '../support/create-audit';
import { isFiltered } from '../../models/sharding';
import { hasMerge } from '../../models/store/scan-merging';
import { failingServer } from '../support/fail-points';

const server = failingServer();
const event = { tenantId: 't', action: 'a.b' };
const quiet = { warn: () => undefined, error: () => undefined };

/** Describes a collection as the metadata of a sharded cluster does. */
async function shard({ db, name }: Connection, collection: string, key: object, more: object = {}) {
  const _id = `${name}.${collection}`;
  await db!.client
    .db('config')
    .collection('collections')
    .insertOne({ _id, key, ...more } as never);
}

async function record(connection: Connection): Promise<unknown> {
  const audit = createAudit({ connection, logger: quiet });
  const outcome: unknown = await audit.event(event).catch((error: unknown) => error);
  await audit.close({ timeoutMs: 0 }).catch(() => undefined);
  return outcome;
}

describe('a collection that is sharded', () => {
  it.each([
    ['audit_entries', { tenantId: 1, seq: 1 }],
    ['audit_entries', { _id: 'hashed' }],
    ['audit_outbox', { at: 1 }],
  ])('by a key that divides a chain is refused: %s by %j', async (collection, key) => {
    const connection = await server.connect();
    await shard(connection, collection, key);
    expect(await record(connection)).toMatchObject({
      code: 'UNSUITABLE_COLLECTION',
      message: expect.stringContaining(`${connection.name}.${collection}`) as string,
    });
    expect(await connection.db!.listCollections({ name: 'audit_entries' }).toArray()).toEqual([]);
  });

  it.each([
    ['audit_entries', { tenantId: 1 }, {}],
    ['audit_entries', { tenantId: 'hashed' }, {}],
    ['audit_tiles', { _id: 'hashed' }, {}],
    ['audit_entries', { _id: 1 }, { unsplittable: true }],
    ['audit_entries', { seq: 1 }, { dropped: true }],
  ])('by the tenant, or not at all, is taken: %s by %j %j', async (collection, key, more) => {
    const connection = await server.connect();
    await shard(connection, collection, key, more);
    expect(await record(connection)).toMatchObject({ seq: 1 });
  });

  it('is looked at by a plan where the role may not read the metadata', async () => {
    const connection = await server.connect();
    await shard(connection, 'audit_entries', { tenantId: 1, seq: 1 }); // which nobody sees
    await server.fail(['find'], { errorCode: 13, namespace: 'config.collections' }, 'alwaysOn');
    expect(await record(connection)).toMatchObject({ seq: 1 });
  });
});

describe('plans, as mongod explains them', () => {
  const scan = { stage: 'IXSCAN', keyPattern: { tenantId: 1, seq: 1 } };

  it('tell whether a shard filters out what it does not own', () => {
    const filtered = { stage: 'SHARDING_FILTER', inputStage: { stage: 'FETCH', inputStage: scan } };
    const winningPlan = { stage: 'SINGLE_SHARD', shards: [{ winningPlan: filtered }] };
    expect(isFiltered({ queryPlanner: { winningPlan } })).toBe(true);
    expect(isFiltered({ queryPlanner: { winningPlan: { stage: 'FETCH', inputStage: scan } } })).toBe(false);
  });

  it('tell whether several values are read in the order of the next', () => {
    const rejectedPlans = [
      { stage: 'LIMIT', inputStage: { stage: 'SORT_MERGE', inputStages: [scan, scan] } },
    ];
    expect(hasMerge({ queryPlanner: { winningPlan: { stage: 'SORT' }, rejectedPlans } })).toBe(true);
    expect(hasMerge({ queryPlanner: { winningPlan: { stage: 'SORT' }, rejectedPlans: [] } })).toBe(false);
  });
});
