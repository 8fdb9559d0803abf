import { itemsOf, withGaps } from '../../../viewer/page/data/items';
import { ScrollSpace } from '../../../viewer/page/data/scroll-space';
import { Slots } from '../../../viewer/page/data/slots';
import { indexOfEntry } from '../../../viewer/page/ui/rows';
import { chainOf } from './trail';

const chain = chainOf(9).reverse();
const seqsOf = (items: readonly { seq: number | null }[]) => items.map(({ seq }) => seq);
const message = (first: number, last: number) => `${first}-${last}`;

describe('itemsOf', () => {
  it('puts faults in their place, and those without one at the end', () => {
    const entries = chain.filter(({ seq }) => seq > 5 && seq !== 7);
    const faults = [
      { seq: null, message: 'lost' },
      { seq: 7, message: 'altered' },
    ];
    expect(seqsOf(itemsOf({ entries, faults, nextCursor: null }))).toEqual([9, 8, 7, 6, null]);
  });
});

describe('withGaps', () => {
  const items = (...seqs: number[]) =>
    itemsOf({ entries: chain.filter(({ seq }) => seqs.includes(seq)), nextCursor: null });

  it('adds a row for each run of numbers that is missing', () => {
    const rows = withGaps(items(8, 5, 4), 9, null, message);
    expect(rows.map(({ seq, fault }) => fault?.message ?? seq)).toEqual([8, '6-7', 5, 4]);
  });

  it('knows what should be above and below', () => {
    const rows = withGaps(items(7, 3), 9, 0, message);
    expect(rows.map(({ seq, fault }) => fault?.message ?? seq)).toEqual(['8-8', 7, '4-6', 3, '1-2']);
    expect(withGaps(items(1), 2, 0, message)).toHaveLength(1);
  });
});

describe('indexOfEntry', () => {
  it('gives the row of an entry that is in memory', () => {
    const items = itemsOf({ entries: chain.slice(0, 3), nextCursor: null });
    const rows = { count: 5, at: (index: number) => items[index - 1] ?? null };
    expect([indexOfEntry(rows, 'id-8'), indexOfEntry(rows, 'id-1')]).toEqual([2, null]);
  });
});

describe('Slots', () => {
  const slotsOf = (...pages: number[][]) => {
    const slots = new Slots();
    for (const [n, page] of pages.entries()) {
      const items = itemsOf({ entries: chain.filter(({ seq }) => page.includes(seq)), nextCursor: null });
      slots.push({ cursor: n === 0 ? null : String(n), count: items.length, items, above: null });
    }
    return slots;
  };
  const shown = (slots: Slots) => Array.from({ length: slots.count }, (_, i) => slots.at(i)?.seq ?? null);

  it('drops pages far from the viewport, and takes them back', () => {
    const slots = slotsOf([9, 8], [7, 6], [5, 4], [3, 2]);
    expect(seqsOf(slots.dropFar({ begin: 6, end: 8 }, 1))).toEqual([7, 6]);
    expect(shown(slots)).toEqual([9, 8, null, null, 5, 4, 3, 2]);
    const [absent, ...others] = slots.absent({ begin: 0, end: 8 });
    expect([absent?.cursor, others]).toEqual(['1', []]);
    slots.fill(absent!, itemsOf({ entries: [chain[2]!], nextCursor: null }));
    expect(shown(slots)).toEqual([9, 8, 7, 5, 4, 3, 2]);
  });

  it('puts live entries above all others', () => {
    const slots = slotsOf([7, 6], [5]);
    slots.unshift(itemsOf({ entries: chain.slice(0, 2), nextCursor: null }));
    expect(shown(slots)).toEqual([9, 8, 7, 6, 5]);
    const empty = new Slots();
    empty.unshift(itemsOf({ entries: chain.slice(0, 1), nextCursor: null }));
    expect(shown(empty)).toEqual([9]);
  });
});

describe('ScrollSpace', () => {
  it('follows the element where the list is not too tall', () => {
    const space = new ScrollSpace(1000, 5000);
    space.scrolled(300, 100);
    expect([space.offset, space.height, space.placeOf(340)]).toEqual([300, 1000, 340]);
  });

  it('scrolls a list taller than an element can be exactly in small steps, and reaches both ends', () => {
    const space = new ScrollSpace(1_000_000, 10_000);
    space.scrolled(5000, 500);
    const middle = space.offset;
    expect(middle).toBeCloseTo((5000 / 9500) * 999_500);
    space.scrolled(5100, 500);
    expect(space.offset).toBe(middle + 100);
    expect(space.placeOf(space.offset)).toBe(5100);
    space.scrolled(9500, 500);
    expect(space.offset).toBe(999_500);
    space.scrolled(0, 500);
    expect(space.offset).toBe(0);
  });

  it('moves to any place', () => {
    const space = new ScrollSpace(1_000_000, 10_000);
    for (const place of [0, 1, 400_000, 999_500]) {
      const top = space.moveTo(place, 500);
      expect(space.offset).toBe(place);
      expect(top).toBeLessThanOrEqual(9500);
      space.scrolled(top, 500);
      expect(Math.abs(space.offset - place)).toBeLessThanOrEqual(1);
    }
  });
});
