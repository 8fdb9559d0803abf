import { MemoryStore } from '../../models/memory/memory-store';
import { AlterableStore } from '../support/alterable-store';
import { chain } from './given';
import { describeStore } from './store';

const noTransaction = { inTransaction: () => false };

describe.each([
  ['MemoryStore', MemoryStore],
  ['AlterableStore', AlterableStore],
])('%s', (name, Store) => {
  describeStore(name, () => Promise.resolve({ store: new Store(), session: noTransaction }));
});

describe('MemoryStore', () => {
  it('takes part in no transaction, and says so', async () => {
    const inTransaction = { inTransaction: () => true };
    const item = { key: 'a', at: 1, text: '{}' };
    const adding = new MemoryStore().addToOutbox([item], inTransaction, Promise.resolve(), () => undefined);
    await expect(adding).rejects.toThrow('no transactions');
  });

  it('gives the entries of all tenants in the order in which they were stored, and nothing once it is emptied', async () => {
    const store = new MemoryStore();
    const [a, b] = [chain('a', 2), chain('b', 1)];
    for (const entries of [a.slice(0, 1), b, a.slice(1)]) await store.append(entries);
    expect(store.entries()).toEqual([a[0], b[0], a[1]]);
    store.clear();
    expect([store.entries(), await store.head('a'), await store.find('b', ['e1'])]).toEqual([[], null, []]);
    await store.append(chain('a', 1));
    expect(store.entries()).toHaveLength(1);
  });
});

describe('AlterableStore', () => {
  it('can be altered as a database can', async () => {
    const store = new AlterableStore();
    await store.append(chain('t', 3));
    store.alter('t', 2, { actor: 7 });
    expect((await store.find('t', ['e2']))[0]).toMatchObject({
      seq: 2,
      entry: null,
      fault: { kind: 'altered' },
    });
    store.remove('t:e3');
    expect((await store.head('t'))?.seq).toBe(2);
    store.plant({ _id: 't:x', tenantId: 't', seq: 'x' });
    expect(await store.head('t')).toMatchObject({ documentId: 't:x', seq: null });
    expect(store.documents('t')).toHaveLength(3);
  });
});
