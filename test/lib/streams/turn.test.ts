import { Turn } from '../../../lib/streams/turn';
import { MemoryStore } from '../../../models/memory/memory-store';

describe('a turn', () => {
  let [now, store] = [0, new MemoryStore()];
  beforeEach(() => ([now, store] = [0, new MemoryStore()]));
  const turn = () => new Turn('work', store, () => now);

  it('is that of the first, and of another once it is given back', async () => {
    const [a, b] = [turn(), turn()];
    expect([await a.tick(), await b.tick()]).toEqual([true, false]);
    await a.release();
    expect([a.isHeld, await b.tick(), await a.tick()]).toEqual([false, true, false]);
  });

  it('is taken over when nobody renews it for four seconds, not from who does', async () => {
    const [a, b] = [turn(), turn()];
    await a.tick();
    await b.tick();
    for (now = 1_000; now <= 10_000; now += 1_000)
      expect([await a.tick(), await b.tick()]).toEqual([true, false]);
    const killed = now;
    while (!(await b.tick())) now += 500;
    expect(now - killed).toBeLessThanOrEqual(4_000);
    expect(await a.tick()).toBe(false);
  });

  it('is no longer held by who has not renewed it in time, before another takes it', async () => {
    const a = turn();
    await a.tick();
    now += 2_499;
    expect(a.isHeld).toBe(true);
    now += 1;
    expect(a.isHeld).toBe(false);
    expect(await a.tick()).toBe(true);
  });
});
