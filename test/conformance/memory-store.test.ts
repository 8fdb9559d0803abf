import { MemoryStore } from '../support/memory-store';
import { chain } from './given';
import { describeStore } from './store';

const noTransaction = { inTransaction: () => false };

describeStore('MemoryStore', () => Promise.resolve({ store: new MemoryStore(), session: noTransaction }));

describe('MemoryStore for tests', () => {
  it('takes part in no transaction, and says so', async () => {
    const inTransaction = { inTransaction: () => true };
    const item = { key: 'a', at: 1, text: '{}' };
    const adding = new MemoryStore().addToOutbox(item, inTransaction, Promise.resolve(), () => undefined);
    await expect(adding).rejects.toThrow('no transactions');
  });

  it('can be altered as a database can', async () => {
    const store = new MemoryStore();
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
