import { Allowances } from '../../../lib/util/allowances';

function setUp(atOnce: number, perSecond: number) {
  let now = 0;
  const allowances = new Allowances({ atOnce, perSecond }, () => now);
  const taken = (times: number, id = 'a') =>
    Array.from({ length: times }, () => allowances.take(id)).filter((seconds) => seconds === 0).length;
  return { allowances, taken, pass: (by: number) => (now += by) };
}

describe('an allowance', () => {
  it('is used at once up to a bound, and grows again with time', () => {
    const { taken, pass } = setUp(5, 2);
    expect(taken(10)).toBe(5);
    pass(1_500);
    expect(taken(10)).toBe(3);
    pass(3_600_000);
    expect(taken(10)).toBe(5);
  });

  it('tells when to try again', () => {
    const { allowances, taken, pass } = setUp(1, 0.5);
    taken(1);
    expect(allowances.take('a')).toBe(2);
    pass(1_000);
    expect(allowances.take('a')).toBe(1);
  });

  it('does not grow by a clock that is put back', () => {
    const { taken, pass } = setUp(5, 2);
    taken(5);
    pass(-60_000);
    expect(taken(5)).toBe(0);
    pass(1_000);
    expect(taken(5)).toBe(2);
  });

  it('is each one’s own, and may be overdrawn once', () => {
    const { allowances, taken } = setUp(5, 1);
    expect(allowances.take('a', 100)).toBe(0);
    expect(taken(5)).toBe(0);
    expect(taken(5, 'b')).toBe(5);
  });
});
