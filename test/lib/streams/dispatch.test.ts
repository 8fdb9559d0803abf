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
