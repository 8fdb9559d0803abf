import { NO_FILTER } from '../../../viewer/page/data/filter';
import { LoadedTrail, READ_ACTION } from '../../../viewer/page/data/loaded-trail';
import { chainOf } from './trail';

const chain = chainOf(700);
const newest = (first: number, last: number) => chain.slice(first - 1, last).reverse();

/** A trail whose first page has the entries from `first` to `last`. */
function loaded(first: number, last: number): LoadedTrail {
  const trail = new LoadedTrail({ loaded: () => undefined, dropped: () => undefined }, (a, b) => `${a}-${b}`);
  trail.replace({ entries: newest(first, last), nextCursor: first > 1 ? String(first) : null });
  return trail;
}

describe('LoadedTrail', () => {
  it.each([
    [100, 'ignore'],
    [101, 'add'],
    [102, 'ask'],
  ])('judges the live entry %d behind entry 100: %s', (seq, verdict) => {
    expect(loaded(1, 100).judge(chain[seq - 1]!)).toBe(verdict);
  });

  it('cannot tell whether entries are missing under a filter', () => {
    const trail = loaded(1, 100);
    trail.filter = { ...NO_FILTER, actor: 'ann' };
    expect(trail.judge(chain[104]!)).toBe('add');
  });

  it('adds what a newer page has, at the top or to those that wait', () => {
    const page = { entries: newest(11, 110), nextCursor: '11' };
    const [top, below] = [loaded(1, 100), loaded(1, 100)];
    expect([top.merge(page, true), top.slots.count, top.pending.length]).toEqual(['changed', 110, 0]);
    expect([below.merge(page, false), below.slots.count, below.pending.length]).toEqual(['changed', 100, 10]);
    expect(top.merge(page, true)).toBe('none');
  });

  it.each([
    ['none of the page is known', { entries: newest(201, 300), nextCursor: '201' }],
    ['an entry is missing', { entries: [chain[101]!, ...newest(2, 100)], nextCursor: '2' }],
    [
      'an entry was altered',
      { entries: newest(2, 100), nextCursor: '2', faults: [{ seq: 101, message: '' }] },
    ],
  ])('is stale when %s', (_what, page) => {
    const trail = loaded(1, 100);
    expect([trail.merge(page, false), trail.isStale, trail.pending]).toEqual(['stale', true, []]);
  });

  it('is stale after too many live entries', () => {
    const trail = loaded(1, 100);
    expect(trail.add(newest(101, 500), false)).toBe('changed');
    expect(trail.add(newest(501, 501), false)).toBe('stale');
    expect([trail.judge(chain[501]!), trail.add(newest(502, 502), false)]).toEqual(['ignore', 'none']);
  });

  it('keeps the gap at the end, unless more than reading happened', () => {
    const trail = loaded(1, 100);
    expect([trail.lacksNewest(100), trail.lacksNewest(103)]).toEqual([false, true]);
    trail.addMissingEnd(103);
    expect([trail.slots.at(0)?.fault?.message, trail.lacksNewest(103)]).toEqual(['101-103', false]);
    expect(trail.add([{ ...chain[103]!, action: READ_ACTION }], true)).toBe('none');
    expect(trail.add([chain[103]!], true)).toBe('stale');
  });
});
