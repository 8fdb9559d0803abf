import { Capacity } from '../../../lib/write/capacity';

describe('a capacity', () => {
  it('takes items up to its number', () => {
    const capacity = new Capacity(2, Infinity);
    expect([capacity.tryReserve(1), capacity.tryReserve(1), capacity.tryReserve(1)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('takes items up to its bytes, and one of any size when empty', () => {
    const capacity = new Capacity(10, 100);
    expect([capacity.tryReserve(1_000), capacity.tryReserve(1)]).toEqual([true, false]);
    capacity.release(1_000);
    expect([capacity.tryReserve(60), capacity.tryReserve(41), capacity.tryReserve(40)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('tells all who wait when something leaves', async () => {
    const capacity = new Capacity(1, 1);
    capacity.tryReserve(1);
    const waiting = Promise.all([capacity.released(), capacity.released()]);
    capacity.release(1);
    await expect(waiting).resolves.toHaveLength(2);
  });
});
