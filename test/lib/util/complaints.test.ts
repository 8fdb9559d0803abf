import { Complaints, isObject } from '../../../lib/util/complaints';

describe('Complaints', () => {
  it('says nothing where there are none', () => {
    const complaints = new Complaints();
    complaints.unknownFields({ a: 1, b: undefined, c: undefined }, ['a']);
    expect(complaints.isEmpty).toBe(true);
    expect(() => complaints.assertNone('INVALID_EVENT', 'It')).not.toThrow();
  });

  it('says all of them in one error', () => {
    const complaints = new Complaints();
    expect(complaints.add('a', 'a string', 7)).toBeUndefined();
    complaints.add('b', 'short', 'Bearer abc', 'a secret');
    complaints.missing('c', 'give it');
    complaints.unknownFields({ d: null, e: 1 }, ['e', 'f'], 'x.');
    const call = (): void => complaints.assertNone('INVALID_QUERY', 'It was refused');
    expect(call).toThrow(
      expect.objectContaining({
        code: 'INVALID_QUERY',
        message:
          'It was refused: `a` must be a string, got 7; `b` must be short, got a secret; `c` is missing: give it; ' +
          '`x.d` is not known, known are e, f.',
      }),
    );
  });

  it('says twenty in full, and counts the others', () => {
    const complaints = new Complaints();
    const fields = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`f${n}`, n]));
    complaints.unknownFields(fields, ['a']);
    const call = (): void => complaints.assertNone('INVALID_QUERY', 'It was refused');
    expect(call).toThrow(/`f19` is not known, known are a; and 4980 more\.$/);
  });
});

describe('isObject', () => {
  it.each([
    [{}, true],
    [Object.create(null), true],
    [new Date(), true],
    [[], false],
    [null, false],
    ['x', false],
  ])('of %p is %p', (value, answer) => {
    expect(isObject(value)).toBe(answer);
  });
});
