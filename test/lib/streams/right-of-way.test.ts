import { RightOfWay } from '../../../lib/streams/right-of-way';

describe('streams that catch up in a process that records', () => {
  let now = 0;
  beforeEach(() => (now = 0));
  const made = () => new RightOfWay(() => now);

  it('wait in proportion to what they have worked', () => {
    const way = made();
    const wait = way.after(10);
    expect(wait).toBeGreaterThanOrEqual(9 * 10);
    now += wait;
    expect(way.after(20)).toBe(2 * wait);
  });

  it('wait one after the other: ten that are behind work no more than one', () => {
    const way = made();
    const waits = Array.from({ length: 10 }, () => way.after(10));
    expect(waits).toEqual(waits.map((_, n) => (n + 1) * waits[0]!));
  });

  it('wait for a bounded time, however slow the database is, and however many there are', () => {
    const way = made();
    expect(way.after(60_000)).toBe(5_000);
    const waits = Array.from({ length: 1_000 }, () => way.after(60_000));
    expect(Math.max(...waits)).toBe(60_000);
  });

  it('end their wait when they are told to end', async () => {
    const over = new AbortController();
    const waiting = made().give(60_000, over.signal);
    over.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});
