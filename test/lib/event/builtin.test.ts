import { runInNewContext } from 'node:vm';
import { builtinOf, isDate } from '../../../lib/event/builtin';

class Tagged extends Map<string, number> {
  override get [Symbol.toStringTag](): string {
    return 'Something';
  }
}

class Unwilling extends Date {
  get [Symbol.toStringTag](): string {
    throw new Error('no tag');
  }
}

describe('builtinOf', () => {
  it.each([
    ['date', 'new Date(0)'],
    ['map', 'new Map([[1, 2]])'],
    ['set', 'new Set([1])'],
    ['error', 'new TypeError("a")'],
    ['boxed', 'Object(1)'],
    ['boxed', 'Object("a")'],
    ['boxed', 'Object(false)'],
    ['boxed', 'Object(1n)'],
    ['boxed', 'Object(Symbol("a"))'],
    ['buffer', 'new ArrayBuffer(1)'],
    ['buffer', 'new SharedArrayBuffer(1)'],
    [null, '({ a: 1 })'],
    [null, '[1]'],
    [null, 'Object.create(null)'],
    [null, 'new (class A {})()'],
  ])('tells a %s of this and of another realm: %s', (builtin, source) => {
    expect(builtinOf(runInNewContext(source) as object)).toBe(builtin);
    // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- a constant above
    expect(builtinOf(new Function(`return ${source}`)() as object)).toBe(builtin);
  });

  it('believes no tag, and no prototype', () => {
    for (const tag of ['Date', 'Map', 'Error', 'Number'])
      expect(
        builtinOf(
          new (class {
            [Symbol.toStringTag] = tag;
          })(),
        ),
      ).toBeNull();
    expect(builtinOf(Object.create(Map.prototype) as object)).toBeNull();
    expect(builtinOf(new Tagged())).toBe('map');
    expect(builtinOf(new Unwilling(0))).toBe('date');
  });
});

it('isDate takes nothing but dates', () => {
  expect([new Date(), null, 'a', {}, 1].map(isDate)).toEqual([true, false, false, false, false]);
});
