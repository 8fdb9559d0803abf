import { quote } from '../../../lib/util/quote';

describe('quote', () => {
  it.each<[unknown, string]>([
    ['text', '"text"'],
    ['two\nlines "quoted"', '"two\\nlines \\"quoted\\""'],
    ['x'.repeat(60), `"${'x'.repeat(60)}"`],
    ['x'.repeat(61), `"${'x'.repeat(60)}…"`],
    [`${'x'.repeat(59)}\u{1F600}`, `"${'x'.repeat(59)}\\ud83d…"`],
    [7, '7'],
    [NaN, 'NaN'],
    [7n, '7'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'undefined'],
    [[1], 'an array'],
    [{ password: 'hunter2' }, 'an object'],
    [() => 1, 'a function'],
    [Symbol('s'), 'a symbol'],
    [Object.create(null), 'an object'],
  ])('shows %p', (value, shown) => {
    expect(quote(value)).toBe(shown);
  });
});
