import type { Reading } from '../../../lib/chain/chain-check';
import { ChainTails } from '../../../lib/read/tail';
import type { PageQuery, Store } from '../../../lib/store/store';

const SIZE = 1000;

/** A chain that is read and that nothing is added to. */
function chain(place: (seq: number) => number | null = (seq) => seq) {
  const page = jest.fn(({ seq, limit }: PageQuery): Promise<Reading[]> => {
    const seqs = Array.from(
      { length: Math.max(0, Math.min(limit, SIZE - seq.min + 1)) },
      (_, i) => seq.min + i,
    );
    return Promise.resolve(seqs.map((at) => ({ seq: place(at) }) as Reading));
  });
  return { page, followed: new ChainTails({ page } as unknown as Store) };
}

const rooms = ({ tails }: { tails: Map<string, { portions: Map<number, unknown> }> }) =>
  [...tails.values()].map(({ portions }) => portions.size);

describe('Followed', () => {
  it('keeps little of a long chain that somebody goes through', async () => {
    const { followed } = chain();
    const stop = new AbortController();
    let seen = 0;
    for await (const portion of followed.follow('t', 0, stop.signal)) {
      seen += portion.length;
      expect(Math.max(...rooms(followed as never))).toBeLessThanOrEqual(1);
      if (seen === SIZE) stop.abort();
    }
    expect(rooms(followed as never)).toEqual([]);
  });

  it('reads once for all who have come as far', async () => {
    const { followed, page } = chain();
    const stop = new AbortController();
    const followers = Array.from({ length: 50 }, () => followed.follow('t', 950, stop.signal));
    const portions = await Promise.all(followers.map((follower) => follower[Symbol.asyncIterator]().next()));
    for (const { value } of portions) expect(value).toHaveLength(50);
    expect(page).toHaveBeenCalledTimes(1);
    stop.abort();
  });

  it('reads again after an error', async () => {
    const { followed, page } = chain();
    const stop = new AbortController();
    const waiting = followed.follow('t', 990, stop.signal)[Symbol.asyncIterator]();
    await waiting.next();
    page.mockRejectedValueOnce(new Error('away'));
    const first = followed.follow('t', 980, stop.signal)[Symbol.asyncIterator]();
    await expect(first.next()).rejects.toThrow('away');
    const second = followed.follow('t', 980, stop.signal)[Symbol.asyncIterator]();
    expect((await second.next()).value).toHaveLength(20);
    stop.abort();
  });

  it('ends behind what has no place in the chain, and does not send it for ever', async () => {
    const { followed } = chain((seq) => (seq === SIZE ? null : seq));
    const stop = new AbortController();
    const follower = followed.follow('t', 990, stop.signal)[Symbol.asyncIterator]();
    expect((await follower.next()).value).toHaveLength(10);
    await expect(follower.next()).rejects.toThrow(expect.objectContaining({ code: 'ENTRY_ALTERED' }));
    stop.abort();
  });
});
