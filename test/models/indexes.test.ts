import type { mongo } from 'mongoose';
import { ensureIndexes, INDEXES } from '../../models/indexes';
import { connect } from '../support/connection';

async function entries(): Promise<mongo.Collection> {
  return (await connect()).db!.collection('audit_entries');
}

describe('ensureIndexes', () => {
  it('creates them, in a collection that is not there yet', async () => {
    const collection = await entries();
    await ensureIndexes(collection);
    const keys = (await collection.listIndexes().toArray()).map(({ key, unique }) => ({ key, unique }));
    expect(keys).toContainEqual({ key: { tenantId: 1, seq: 1 }, unique: true });
    for (const { key } of INDEXES)
      expect(keys.map((index) => JSON.stringify(index.key))).toContain(JSON.stringify(key));
    expect(keys.filter(({ unique }) => unique)).toHaveLength(1);
  });

  it('may be called again, also by several at once', async () => {
    const collection = await entries();
    await Promise.all([1, 2, 3].map(() => ensureIndexes(collection)));
    await ensureIndexes(collection);
    expect(await collection.listIndexes().toArray()).toHaveLength(INDEXES.length + 1);
  });

  it('does not go on where numbers are there twice: the chain has forked', async () => {
    const collection = await entries();
    await collection.insertMany([
      { tenantId: 't', seq: 1 },
      { tenantId: 't', seq: 1 },
    ]);
    await expect(ensureIndexes(collection)).rejects.toMatchObject({ code: 11_000 });
  });

  it('does not go on where an index on tenant and number is not unique', async () => {
    const collection = await entries();
    await collection.createIndexes([{ key: { tenantId: 1, seq: 1 } }]);
    await expect(ensureIndexes(collection)).rejects.toThrow(/tenantId_1_seq_1/);
  });
});

describe('INDEXES', () => {
  it('begin with the tenant and end with the number', () => {
    for (const { key } of INDEXES) {
      expect(Object.keys(key)[0]).toBe('tenantId');
      expect(Object.keys(key).at(-1)).toBe('seq');
    }
  });
});
