import { Dispatch, type DispatchParts } from '../../../lib/streams/dispatch';
import type { Delivery, Piece } from '../../../lib/streams/destination';
import { pieces } from '../../support/streams/deliver';
import { Receiver, upTo } from '../../support/streams/receiver';

const given = (count: number): Piece[] => pieces(new Receiver(), count);
const seqs = (batch: readonly Piece[]) => batch.map(({ entry }) => entry.seq);

/** Answers in turn, then takes all. Waits take no time. */
function dispatching(
  answers: Delivery[] | ((batch: readonly Piece[]) => Delivery),
  change: Partial<DispatchParts> = {},
) {
  const tries: number[][] = [];
  const aside: number[] = [];
  const waits: number[] = [];
  const dispatch = new Dispatch({
    most: () => 1_000,
    deliver: (batch) => {
      tries.push(seqs(batch));
      return Promise.resolve(
        typeof answers === 'function' ? answers(batch) : (answers.shift() ?? { result: 'taken' }),
      );
    },
    room: () => Promise.resolve(Infinity),
    setAside: (entries) => Promise.resolve(void aside.push(...entries.map(({ seq }) => seq))),
    failed: ({ wait }) => waits.push(wait),
    succeeded: () => undefined,
    random: () => 0,
    ...change,
  });
  return { dispatch, tries, aside, waits };
}

const never = new AbortController().signal;

describe('a batch', () => {
  it('is halved until what is refused stands alone, the rest in order', async () => {
    const { dispatch, tries, aside } = dispatching((batch) =>
      seqs(batch).includes(3) ? { result: 'split', reason: 'large' } : { result: 'taken' },
    );
    await dispatch.settle(given(5), never);
    expect(aside).toEqual([3]);
    expect(tries).toEqual([upTo(5), upTo(3), [1, 2], [3], [4, 5]]);
  });

  it('comes again only with what is left of it', async () => {
    const { dispatch, tries, aside } = dispatching([
      { result: 'taken', refused: [{ index: 1, reason: 'no' }], rest: [2, 3] },
      { result: 'taken' },
    ]);
    await dispatch.settle(given(4), never);
    expect([tries, aside]).toEqual([[upTo(4), [3, 4]], [2]]);
  });

  it('of a destination that takes nothing and says that it does is no endless loop', async () => {
    const { dispatch, waits } = dispatching([{ result: 'taken', rest: [0, 1] }]);
    await dispatch.settle(given(2), never);
    expect(waits).toHaveLength(1);
  });

  it('comes in as many deliveries as it takes, each with what one may hold', async () => {
    const { dispatch, tries } = dispatching([], { most: () => 2 });
    await dispatch.settle(given(5), never);
    expect(tries).toEqual([[1, 2], [3, 4], [5]]);
  });

  it.each<[string, unknown]>([
    ['nothing of use', 0],
    ['something else', { result: 'maybe' }],
    ['of pieces that it was not given', { result: 'taken', rest: [0, 7] }],
    ['of half a piece', { result: 'taken', refused: [{ index: 0.5, reason: 'x' }] }],
    ['of a piece before the first', { result: 'retry', reason: 'x', rest: [-1] }],
  ])('of a destination that says %s is given again, whole', async (_name, answer) => {
    const { dispatch, tries, aside } = dispatching([answer as Delivery]);
    await dispatch.settle(given(2), never);
    expect([tries, aside]).toEqual([[upTo(2), upTo(2)], []]);
  });

  it('keeps its order, and grows by nothing, whatever the order in which its rest is named', async () => {
    const { dispatch, tries } = dispatching([
      { result: 'retry', reason: 'busy', rest: [2, 1, 2, 1, 1, 2, 2] },
    ]);
    await dispatch.settle(given(3), never);
    expect(tries).toEqual([upTo(3), [2, 3]]);
  });

  it.each([
    [Number.NaN, 100],
    [-5_000, 100],
    [Infinity, 3_600_000],
    [100 * 365 * 86_400_000, 3_600_000],
    ['soon', 100],
  ])(
    'waits no longer than an hour, and not at once, when it is asked to wait %p',
    async (after, expected) => {
      const over = new AbortController();
      const { dispatch, waits } = dispatching([{ result: 'retry', reason: 'busy', after: after as number }], {
        failed: ({ wait }) => {
          waits.push(wait);
          over.abort();
        },
      });
      await expect(dispatch.settle(given(1), over.signal)).rejects.toMatchObject({ name: 'AbortError' });
      expect(waits).toEqual([expected]);
    },
  );

  it('waits as long as it is asked to, at least', async () => {
    const over = new AbortController();
    const { dispatch, waits } = dispatching([{ result: 'retry', reason: 'busy', after: 120_000 }], {
      failed: ({ wait }) => {
        waits.push(wait);
        over.abort();
      },
    });
    await expect(dispatch.settle(given(1), over.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(waits).toEqual([120_000]);
  });

  it('does not go on once it is told to end', async () => {
    const { dispatch, tries } = dispatching([]);
    await expect(dispatch.settle(given(1), AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(tries).toEqual([]);
  });
});

describe('refusals of entry after entry', () => {
  it('are slowed down, and tell of a failure', async () => {
    const over = new AbortController();
    const reasons: string[] = [];
    const { dispatch, aside } = dispatching(() => ({ result: 'split', reason: 'what is this' }), {
      failed: ({ delivery }) => {
        reasons.push(delivery.reason);
        over.abort();
      },
    });
    await expect(dispatch.settle(given(40), over.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(aside).toHaveLength(20);
    expect(reasons).toEqual(['it refused 20 entries in a row, the last because: what is this']);
  });

  it('are that, too, where the destination names them one by one', async () => {
    const over = new AbortController();
    const { dispatch, aside } = dispatching(
      (batch) => ({
        result: 'taken',
        refused: [{ index: 0, reason: 'no' }],
        rest: batch.slice(1).map((_, i) => i + 1),
      }),
      { failed: () => over.abort() },
    );
    await expect(dispatch.settle(given(40), over.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(aside).toHaveLength(20);
  });
});

describe('refusals beyond what may be set aside', () => {
  it('are tried again, and nothing is dropped: ten times as many set aside no more than the bound', async () => {
    const bound = 100;
    let isRefusing = true;
    const kept: number[] = [];
    const waits: string[] = [];
    const { dispatch, tries } = dispatching(
      (batch) =>
        isRefusing && batch.length > 1
          ? { result: 'taken', refused: [{ index: 0, reason: 'no' }] } // one of each two: never many in a row
          : { result: 'taken' },
      {
        most: () => 2,
        random: () => 0,
        room: () => Promise.resolve(bound - kept.length),
        setAside: (entries) => Promise.resolve(void kept.push(...entries.map(({ seq }) => seq))),
        failed: ({ delivery }) => {
          waits.push(delivery.reason);
          isRefusing = false;
        },
      },
    );
    await dispatch.settle(given(20 * bound), never);
    expect(kept).toHaveLength(bound);
    expect(waits).toEqual(['no more entries can be set aside, and it refuses another: no']);
    const full = 2 * bound + 1;
    expect(tries.slice(bound, bound + 2)).toEqual([[full, full + 1], [full]]);
  });

  it.each<[string, Delivery, number[]]>([
    ['that stands alone', { result: 'split', reason: 'bad' }, [1]],
    [
      'among what is busy',
      { result: 'retry', reason: 'busy', refused: [{ index: 0, reason: 'bad' }] },
      [1, 2],
    ],
    [
      'among what is named',
      { result: 'retry', reason: 'busy', refused: [{ index: 1, reason: 'bad' }], rest: [] },
      [2],
    ],
  ])('are given again, and no other: one %s', async (_name, answer, again) => {
    const { dispatch, tries, aside } = dispatching([answer], { room: () => Promise.resolve(0) });
    await dispatch.settle(given(answer.result === 'split' ? 1 : 2), never);
    expect([tries[1], aside]).toEqual([again, []]);
  });
});
