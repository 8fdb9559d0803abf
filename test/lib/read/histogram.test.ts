import fc from 'fast-check';
import { Audit } from '../../../lib/audit';
import type { Entry } from '../../../lib/chain/entry';
import { parseOptions } from '../../../lib/options';
import { histogram, type HistogramQuery } from '../../../lib/read/histogram';
import { allEntries } from '../../support/all-entries';
import { AlterableStore } from '../../support/alterable-store';

const START = Date.UTC(2026, 0, 1, 12);
const SIZE = 300;
const ACTIONS = ['org.member.invite', 'org.member.remove', 'billing.pay'];

let store: AlterableStore;
let entries: Entry[];
let end: number;

beforeAll(async () => {
  store = new AlterableStore();
  const clock = { at: START, now: () => clock.at, random: Math.random };
  const audit = new Audit(store, parseOptions({}), clock);
  // In uneven steps, several at the same time, with a long pause in the middle.
  for (let n = 0; n < SIZE; n += 10) {
    const batch = audit.batch();
    for (let i = n; i < n + 10; i++) {
      const outcome = i % 3 ? 'success' : 'denied';
      batch.event({ tenantId: 't', action: ACTIONS[i % 3]!, actor: `user_${i % 7}`, outcome });
      batch.event({ tenantId: 'u', action: 'x' });
    }
    await batch.commit();
    clock.at += n === 150 ? 100_000 : 7 * n + 1;
  }
  entries = await allEntries(audit, 't');
  end = Date.parse(entries.at(-1)!.recordedAt) + 1;
});

const ask = (query: Partial<HistogramQuery> = {}) => histogram({ tenantId: 't', ...query }, store);
const sum = (counts: number[]): number => counts.reduce((a, b) => a + b, 0);

function naive(among: Entry[], from: number, to: number, step: number): number[] {
  const counts = new Array<number>(Math.max(0, Math.ceil((to - from) / step))).fill(0);
  for (const { recordedAt } of among) {
    const time = Date.parse(recordedAt);
    if (time >= from && time < to) counts[Math.floor((time - from) / step)]!++;
  }
  return counts;
}

describe('histogram', () => {
  it('covers the whole chain when nothing else is asked for', async () => {
    const { from, to, step, limit, counts } = await ask();
    expect([Date.parse(from), Date.parse(to), limit]).toEqual([START, end, null]);
    expect(step).toBe(Math.ceil((end - START) / 60));
    expect(counts).toEqual(naive(entries, START, end, step));
    expect(sum(counts)).toBe(SIZE);
  });

  const times = fc.integer({ min: START - 5_000, max: START + 140_000 });
  const filters: [Partial<HistogramQuery>, (entry: Entry) => boolean][] = [
    [{}, () => true],
    [{ action: '*' }, () => true],
    [{ action: 'org.*' }, ({ action }) => action.startsWith('org.')],
    [{ action: 'org.' }, () => false],
    [{ action: 'none.*' }, () => false],
    [{ outcome: 'denied' }, ({ outcome }) => outcome === 'denied'],
    [
      { actor: 'user_3', action: 'org.member.*' },
      ({ actor, action }) => actor === 'user_3' && action.startsWith('org.member.'),
    ],
  ];

  it('counts as a naive one does, between any times, in any number of buckets, within any filter', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(times, times),
        fc.integer({ min: 1, max: 200 }),
        fc.constantFrom(...filters),
        async ([a, b], buckets, [filter, isIn]) => {
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          const query = { ...filter, buckets, from: new Date(from), to: new Date(to) };
          const { step, counts, ...rest } = await ask(query);
          expect(counts).toEqual(naive(entries.filter(isIn), from, to, step));
          expect(counts.length).toBeLessThanOrEqual(buckets);
          expect(rest).toMatchObject({ from: query.from.toISOString(), to: query.to.toISOString() });
        },
      ),
      { numRuns: 20 },
    );
  });

  it('asks the database only about parts of the span in which something was recorded', async () => {
    const looks = jest.spyOn(store, 'firstSince');
    const { counts } = await ask({ from: '2026-01-01', to: '2026-12-31', buckets: 200 });
    expect(counts.filter((count) => count > 0)).toEqual([SIZE]);
    expect(looks.mock.calls.length).toBeLessThan(20); // of 201 bounds
    looks.mockRestore();
  });

  it('says up to what it counts where a filter is given, and only there', async () => {
    expect(await ask({ actor: 'user_1' })).toMatchObject({ limit: 1000 });
    expect(await ask({ action: 'org.*' })).toMatchObject({ limit: 1000 });
    expect(await ask({ action: '' })).toMatchObject({ limit: 1000 });
    expect(await ask({ action: '*', actor: undefined })).toMatchObject({ limit: null });
  });

  it('counts up to the limit', async () => {
    const audit = new Audit(store, parseOptions({}), { now: () => START, random: Math.random });
    const batch = audit.batch();
    for (let n = 0; n < 1_100; n++) batch.event({ tenantId: 'many', action: n % 2 ? 'a.b' : 'a.c' });
    await batch.commit();
    const query = { tenantId: 'many' };
    expect((await histogram(query, store)).counts).toEqual([1_100]);
    expect((await histogram({ ...query, action: 'a.*' }, store)).counts).toEqual([1_000]);
    expect((await histogram({ ...query, action: 'a.b' }, store)).counts).toEqual([550]);
  });

  it('takes buckets no shorter than a millisecond', async () => {
    const query = { from: new Date(START), to: new Date(START + 5), buckets: 60 };
    expect(await ask(query)).toMatchObject({ step: 1, counts: [10, 10, 0, 0, 0] });
  });

  it('ends its last bucket at `to`', async () => {
    const query = { from: new Date(START), to: new Date(START + 5), buckets: 2 };
    expect(await ask(query)).toMatchObject({ step: 3, counts: [20, 0] });
  });

  it('takes a date alone as `list` does', async () => {
    const { from, to, step, counts } = await ask({ from: '2026-01-01', to: '2026-01-01', buckets: 24 });
    expect([from, to, step]).toEqual(['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', 3_600_000]);
    expect(counts).toEqual([...new Array<number>(12).fill(0), SIZE, ...new Array<number>(11).fill(0)]);
  });

  it('has no counts where no time is between the bounds, and says where they are', async () => {
    const [early, late] = [new Date(START - 10), new Date(START + 10)];
    expect(await ask({ from: late, to: early })).toEqual({
      ...{ from: late.toISOString(), to: early.toISOString(), step: 1, limit: null, counts: [] },
    });
    expect(await ask({ from: late, to: late })).toMatchObject({ counts: [] });
    const after = new Date(end + 5).toISOString();
    expect(await ask({ from: after })).toMatchObject({ from: after, to: after, counts: [] });
    const before = early.toISOString();
    expect(await ask({ to: before })).toMatchObject({ from: before, to: before, counts: [] });
  });

  it('has no counts of an empty chain', async () => {
    const tenantId = 'nobody';
    const epoch = new Date(0).toISOString();
    const empty = { from: epoch, to: epoch, step: 1, limit: null, counts: [] };
    expect(await ask({ tenantId })).toEqual(empty);
    const from = new Date(START).toISOString();
    expect(await ask({ tenantId, from })).toMatchObject({ from, to: from, counts: [] });
    expect(await ask({ tenantId, to: from, outcome: 'denied' })).toMatchObject({
      from,
      to: from,
      counts: [],
    });
  });

  it.each<[object, string]>([
    [{ buckets: 0 }, '`buckets` must be a whole number from 1 to 200, got 0'],
    [{ buckets: 201 }, '`buckets`'],
    [{ buckets: '60' }, '`buckets`'],
    [{ actor: { $ne: null } }, '`actor` must be a string'],
    [{ action: /org/ }, '`action`'],
    [{ resource: [7] }, '`resource`'],
    [{ outcome: 'ok' }, '`outcome`'],
    [{ from: 'today', to: { $gt: 0 } }, '`from`'],
    [{ tenantId: undefined }, '`tenantId` is missing'],
    [{ limit: 5 }, '`limit` is not known'],
  ])('refuses %p', async (more, message) => {
    await expect(ask(more)).rejects.toMatchObject({
      code: 'INVALID_QUERY',
      message: expect.stringContaining(message),
    });
  });

  it('counts nothing below 0 where an altered time is out of order, and says so where a bound cannot be read', async () => {
    const tenantId = 'u';
    const total = sum((await ask({ tenantId })).counts);
    store.alter(tenantId, 200, { recordedAt: new Date(START + 1) });
    const { counts } = await ask({ tenantId, buckets: 200 });
    expect(counts.every((count) => count >= 0)).toBe(true);
    expect(sum(counts)).toBe(total);
    store.alter(tenantId, SIZE, { recordedAt: 'late' });
    await expect(ask({ tenantId })).rejects.toMatchObject({ code: 'ENTRY_ALTERED' });
    const bounds = { from: new Date(START), to: new Date(end) };
    expect(sum((await ask({ tenantId, ...bounds })).counts)).toBe(total);
  });
});
