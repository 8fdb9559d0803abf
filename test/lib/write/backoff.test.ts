import fc from 'fast-check';
import { CONTENTION, delay, OUTAGE } from '../../../lib/write/backoff';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('a delay', () => {
  it('stays under a bound that doubles with each try, up to the last', () => {
    fc.assert(
      fc.property(fc.constantFrom(CONTENTION, OUTAGE), fc.nat(2_000), random, (backoff, attempt, chance) => {
        const ms = delay(backoff, attempt, chance);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(Math.min(backoff.last, backoff.first * 2 ** attempt));
      }),
    );
  });

  it('is spread by chance', () => {
    expect(delay(OUTAGE, 2, 0)).toBe(0);
    expect(delay(OUTAGE, 2, 0.5)).toBe(200);
    expect(delay(OUTAGE, 20, 0.5)).toBe(2_500);
  });
});
