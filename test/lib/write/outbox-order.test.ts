import { OutboxOrder } from '../../../lib/write/outbox-order';
import { MemoryStore } from '../../../models/memory/memory-store';

function item(key: string, { tenantId = 't', follows = [] as string[] } = {}) {
  const draft = {
    v: 1,
    tenantId,
    id: key,
    occurredAt: '2026-01-01T00:00:00.000Z',
    actor: 'a',
    action: 'a.b',
    outcome: 'success',
  };
  return { key, at: 0, text: JSON.stringify({ draft, occurredAtGiven: false }), follows };
}

async function orderOf(items: { key: string; at: number; text: string }[], most?: number) {
  const store = new MemoryStore();
  const session = { inTransaction: () => false } as never;
  await store.addToOutbox(items, session, Promise.resolve(), () => undefined);
  const handedOver = new Set<string>();
  return { store, handedOver, order: new OutboxOrder(store, (key) => handedOver.has(key), most) };
}

describe('an item of the outbox that follows others', () => {
  it('waits for those of its chain until they are linked, or in the queue of this process', async () => {
    const { store, handedOver, order } = await orderOf([item('a'), item('b')]);
    const isTurn = () => order.isTurn(['a', 'b'], 't');
    expect(await order.isTurn([], 't')).toBe(true);
    expect(await isTurn()).toBe(false);
    handedOver.add('a');
    expect(await isTurn()).toBe(false);
    await store.removeFromOutbox(['b']);
    expect(await isTurn()).toBe(true);
  });

  it('waits neither for what can never be linked nor for what is of another chain', async () => {
    const junk = { key: 'junk', at: 0, text: '{' };
    const { order } = await orderOf([junk, item('other', { tenantId: 'u' })]);
    expect(await order.isTurn(['junk', 'other'], 't')).toBe(true);
  });

  it('is linked in the end where somebody has written what follows itself', async () => {
    const [circle, back] = [item('a', { follows: ['b'] }), item('b', { follows: ['a'] })];
    const honest = item('c', { follows: ['a'] });
    const { store, order } = await orderOf([circle, back, honest], 3);
    const looks = async (one: typeof circle) => {
      for (let n = 1; n < 10; n++) if (await order.isTurnAtLast(one, 't')) return n;
      return null;
    };
    expect(await looks(circle)).toBe(4);
    expect(await looks(circle)).toBe(4); // counted anew
    await store.removeFromOutbox(['a']);
    expect(await looks(honest)).toBe(1);
    expect(await looks(back)).toBe(1);
  });

  it('is looked for together with others, whose turn it may be or not', async () => {
    const { store, order } = await orderOf([item('a'), item('b')]);
    const find = jest.spyOn(store, 'findInOutbox');
    const group = [
      { follows: ['a'], tenantId: 't' },
      { follows: [], tenantId: 't' },
      { follows: ['b', 'gone'], tenantId: 'u' },
      { follows: ['b', 'gone'], tenantId: 't' },
      { follows: ['gone'], tenantId: 't' },
    ];
    expect(await order.inTurn(group)).toEqual([group[1], group[2], group[4]]);
    expect(find).toHaveBeenCalledTimes(1);
    const many = Array.from({ length: 1_000 }, (_, n) => ({ follows: [`gone-${n}`], tenantId: 't' }));
    expect(await order.inTurn(many)).toEqual(many);
    expect(find).toHaveBeenCalledTimes(3);
  });

  it('is counted in bounded memory', async () => {
    const { order } = await orderOf([item('a')], 2);
    const honest = item('c', { follows: ['a'] });
    expect(await order.isTurnAtLast(honest, 't')).toBe(false);
    for (let n = 0; n < 10_000; n++) await order.isTurnAtLast(item(`x${n}`, { follows: ['a'] }), 't');
    // Forgotten, and so waited for again.
    for (const isTurn of [false, false, true]) expect(await order.isTurnAtLast(honest, 't')).toBe(isTurn);
  });
});
