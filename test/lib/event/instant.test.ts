import * as fc from 'fast-check';
import { isoText, isPrintable, LAST, parseDay, parseInstant } from '../../../lib/event/instant';

const times = fc.integer({ min: Date.parse('0000-01-01T00:00:00.000Z'), max: LAST });

describe('parseInstant', () => {
  it('reads what a Date prints', () => {
    fc.assert(
      fc.property(times, (time) => {
        const text = new Date(time).toISOString();
        expect([parseInstant(text), parseInstant(text.toLowerCase())]).toEqual([time, time]);
      }),
    );
  });

  it('reads any number of decimals, and cuts them', () => {
    for (const decimals of ['9', '99', '999', '9999', '9'.repeat(100)]) {
      const expected = Number(decimals.slice(0, 3).padEnd(3, '0'));
      expect(parseInstant(`1970-01-01T00:00:00.${decimals}Z`)).toBe(expected);
    }
  });

  it('gives null for any other text', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(parseInstant(text)).toBeNull()));
  });
});

describe('parseDay', () => {
  it('reads the days that there are, and no others', () => {
    const days = fc.tuple(
      fc.integer({ min: 0, max: 9999 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
    );
    fc.assert(
      fc.property(days, ([year, month, day]) => {
        const text = [
          String(year).padStart(4, '0'),
          String(month).padStart(2, '0'),
          String(day).padStart(2, '0'),
        ].join('-');
        const date = new Date(0);
        date.setUTCFullYear(year, month - 1, day);
        const real = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
        expect(parseDay(text)).toBe(real ? date.getTime() : null);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('isoText', () => {
  it('prints what a Date prints, whatever was printed before', () => {
    const near = fc.tuple(times, fc.integer({ min: -100_000, max: 100_000 }));
    fc.assert(
      fc.property(near, ([time, distance]) => {
        const all = [time, time + distance, time, time + 64_000, time - 1, time + 0.7].filter(isPrintable);
        expect(all.map(isoText)).toEqual(all.map((each) => new Date(each).toISOString()));
      }),
    );
  });

  it('throws for what is no instant', () => {
    expect(() => isoText(NaN)).toThrow(RangeError);
    expect(() => isoText(8.64e15 + 1)).toThrow(RangeError);
  });
});

describe('isPrintable', () => {
  it('is true of four-digit years alone', () => {
    expect([LAST, LAST + 1, NaN, Infinity, 0].map(isPrintable)).toEqual([true, false, false, false, true]);
  });
});
