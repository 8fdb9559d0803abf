import { Capacity } from '../../../lib/write/capacity';

describe('a room', () => {
  it('takes items up to its number', () => {
    const room = new Capacity(2, Infinity);
    expect([room.tryReserve(1), room.tryReserve(1), room.tryReserve(1)]).toEqual([true, true, false]);
  });

  it('takes items up to its bytes, and one of any size when empty', () => {
    const room = new Capacity(10, 100);
    expect([room.tryReserve(1_000), room.tryReserve(1)]).toEqual([true, false]);
    room.release(1_000);
    expect([room.tryReserve(60), room.tryReserve(41), room.tryReserve(40)]).toEqual([true, false, true]);
  });

  it('tells all who wait when something leaves', async () => {
    const room = new Capacity(1, 1);
    room.tryReserve(1);
    const waiting = Promise.all([room.released(), room.released()]);
    room.release(1);
    await expect(waiting).resolves.toHaveLength(2);
  });
});
