import { Room } from '../../../lib/write/room';

describe('a room', () => {
  it('takes items up to its number', () => {
    const room = new Room(2, Infinity);
    expect([room.take(1), room.take(1), room.take(1)]).toEqual([true, true, false]);
  });

  it('takes items up to its bytes, and one of any size when empty', () => {
    const room = new Room(10, 100);
    expect([room.take(1_000), room.take(1)]).toEqual([true, false]);
    room.leave(1_000);
    expect([room.take(60), room.take(41), room.take(40)]).toEqual([true, false, true]);
  });

  it('tells all who wait when something leaves', async () => {
    const room = new Room(1, 1);
    room.take(1);
    const waiting = Promise.all([room.change(), room.change()]);
    room.leave(1);
    await expect(waiting).resolves.toHaveLength(2);
  });
});
