import { CONCURRENCY, mapConcurrently } from '../../../lib/util/concurrency';

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe('fewAtOnce', () => {
  it.each([0, 1, 7, 8, 9, 100])('gives %d results, in order', async (count) => {
    const work = async (n: number): Promise<number> => {
      await new Promise((resolve) => (n % 3 === 0 ? setImmediate(resolve) : process.nextTick(resolve)));
      return n * n;
    };
    expect(await mapConcurrently(upTo(count), work)).toEqual(upTo(count).map((n) => n * n));
  });

  it('does no more than a few at a time', async () => {
    let running = 0;
    let most = 0;
    await mapConcurrently(upTo(50), async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
    });
    expect(most).toBe(CONCURRENCY);
  });

  it('fails with the first that does, and begins no more', async () => {
    const begun: number[] = [];
    const work = async (n: number): Promise<void> => {
      begun.push(n);
      await new Promise(setImmediate);
      if (n === 3) throw new Error('three');
    };
    await expect(mapConcurrently(upTo(50), work)).rejects.toThrow('three');
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    expect(begun.length).toBeLessThanOrEqual(2 * CONCURRENCY);
  });
});
