import mongoose from 'mongoose';
import { canonicalize } from '../../../lib/chain/canonical';
import type { Json } from '../../../lib/chain/json';
import { convert as convertMember } from '../../../lib/event/convert';
import { createSecrets } from '../../../lib/event/secrets';
import { nested } from '../../support/hostile-values';
import { timeOf } from '../../support/unreadable';

const secrets = createSecrets();
const convert = (value: unknown): Json | undefined => convertMember(value, 'metadata', secrets);

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('what the code of a value throws', () => {
  const fail = (): never => {
    throw new Error('hunter2');
  };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();

  it.each<[string, unknown]>([
    ['toJSON', { toJSON: fail }],
    ['a getter called toJSON', Object.defineProperty({}, 'toJSON', { get: fail })],
    ['a revoked proxy', proxy],
    ['a proxy without names', new Proxy({}, { ownKeys: fail })],
    ['a proxy without prototype', new Proxy({}, { getPrototypeOf: fail })],
    ['valueOf of a boxed value', Object.assign(Object(1) as object, { valueOf: fail })],
    [
      'toJSON that throws undefined',
      {
        toJSON() {
          // eslint-disable-next-line @typescript-eslint/only-throw-error -- as hostile code does
          throw undefined;
        },
      },
    ],
  ])('marks %s, and keeps its neighbours', (_, value) => {
    expect(convert({ before: 1, value, after: 2 })).toEqual({ before: 1, value: '[Unreadable]', after: 2 });
    expect(convert([value, 2])).toEqual(['[Unreadable]', 2]);
  });

  it('marks the one getter', () => {
    const value = {
      a: 1,
      get b(): never {
        return fail();
      },
    };
    expect(convert(value)).toEqual({ a: 1, b: '[Unreadable]' });
  });

  it('marks the message of an error that cannot be read', () => {
    const error = Object.defineProperty(new Error('m'), 'message', { get: fail });
    expect(convert(error)).toEqual({ name: 'Error', message: '[Unreadable]' });
  });
});

describe('cycles and depth', () => {
  it('marks an object within itself', () => {
    const value: Record<string, unknown> = { a: 1 };
    value['self'] = value;
    value['list'] = [value, new Set([value])];
    value['map'] = new Map([['m', value]]);
    value['error'] = new Error('e', { cause: value });
    const circle = '[Circular]';
    expect(convert(value)).toEqual({
      a: 1,
      self: circle,
      list: [circle, [circle]],
      map: { m: circle },
      error: { name: 'Error', message: 'e', cause: circle },
    });
  });

  it('keeps an object that is there twice, but not within itself', () => {
    const shared = { a: 1 };
    expect(convert([shared, { shared }])).toEqual([{ a: 1 }, { shared: { a: 1 } }]);
  });

  it('keeps 32 levels', () => {
    expect(convert(nested('leaf', 32))).toEqual(nested('leaf', 32));
  });

  it.each([{}, [], new Map(), new Set(), new Error('e')])('truncates level 33: %p', (deepest) => {
    expect(convert(nested(deepest, 32))).toEqual(nested('[Truncated]', 32));
  });

  it('keeps at level 33 what is not a level: dates, bytes, texts of toJSON', () => {
    const id = new mongoose.Types.ObjectId('64f000000000000000000001');
    expect(convert(nested(id, 32))).toEqual(nested('64f000000000000000000001', 32));
    expect(convert(nested(new Date(1), 32))).toEqual(nested('1970-01-01T00:00:00.001Z', 32));
  });

  it('ends where toJSON gives ever new objects', () => {
    const endless = (): object => ({ toJSON: endless });
    expect(convert(endless())).toBe('[Truncated]');
    const growing = (): object => ({ toJSON: () => ({ in: growing() }) });
    expect(depthOf(convert(growing()))).toBeLessThanOrEqual(32);
  });

  it('ends where toJSON gives the object itself, or two give each other', () => {
    const self = {
      a: 1,
      toJSON(): object {
        return self;
      },
    };
    expect(convert(self)).toEqual({ a: 1 });
    const one: { toJSON(): object } = { toJSON: () => other };
    const other: { toJSON(): object } = { toJSON: () => one };
    expect(convert(one)).toBe('[Circular]');
  });

  it('ends where a proxy has ever new members', () => {
    const endless = (): object =>
      new Proxy({ next: 1 }, { get: (_, name) => (name === 'next' ? endless() : undefined) });
    expect(depthOf(convert(endless()))).toBeLessThanOrEqual(32);
  });
});

describe('values that unfold', () => {
  it('ends soon for references that are shared at each level', () => {
    let value: unknown = 'leaf';
    for (let level = 0; level < 31; level++) value = [value, value];
    expect(canonicalize(convert(value)!)).toContain('[Truncated]');
  });

  it('ends soon for a sparse array, and marks its end', () => {
    const array: unknown[] = [];
    array.length = 1e9;
    const items = convert(array) as Json[];
    expect(items.length).toBeLessThan(2e6);
    expect(items.at(-1)).toBe('[Truncated]');
  });

  it('ends soon for one long text in many places, and still has a canonical form', () => {
    const text = 'x'.repeat(2 ** 20);
    const json = convert(Array.from({ length: 600 }, () => text))!;
    expect(canonicalize(json)).toContain('[Truncated]');
  });

  it('ends soon for very many names that only lone surrogates tell apart', () => {
    const many: Record<string, number> = {};
    for (let n = 0; n < 10_000; n++) {
      many[String.fromCharCode(0xd800 + (n % 1_000), 0xd800 + Math.floor(n / 1_000))] = n;
    }
    let converted: unknown;
    expect(timeOf(() => (converted = convert(many)))).toBeLessThan(60_000);
    expect(Object.keys(converted as object)).toHaveLength(10_000);
  });
});

describe('built-ins with code of their own', () => {
  it('reads a Map and a Set as they are, whatever their iterators say', () => {
    class Liar extends Map<string, number> {
      override *[Symbol.iterator](): Generator<[string, number], undefined> {
        for (;;) yield ['lie', 1];
      }
      override entries = this[Symbol.iterator] as never;
      override forEach = (): void => undefined;
      override get = (): number => 0;
    }
    class Endless extends Set<number> {
      override *[Symbol.iterator](): Generator<number, undefined> {
        for (;;) yield 0;
      }
      override forEach = (): void => undefined;
    }
    expect(convert(new Liar([['truth', 1]]))).toEqual({ truth: 1 });
    expect(convert(new Endless([7]))).toEqual([7]);
  });

  it('reads a date as it is, whatever its methods say', () => {
    class Liar extends Date {
      override toJSON = (): string => 'lie';
      override toISOString = (): string => 'lie';
      override getTime = (): number => NaN;
    }
    expect(convert(new Liar(1))).toBe('1970-01-01T00:00:00.001Z');
  });

  it('takes no toJSON of bigint or of bytes', () => {
    const bytes = Object.assign(Buffer.from('ab'), { toJSON: () => 'lie' });
    expect(convert([bytes])).toEqual(['YWI=']);
  });

  it('asks a proxy of an array no more often than it may hold values', () => {
    const array = new Proxy([] as unknown[], {
      get: (target, name) => (name === 'length' ? Infinity : (Reflect.get(target, name) as unknown)),
    });
    expect(() => convert(array)).not.toThrow();
  });
});
