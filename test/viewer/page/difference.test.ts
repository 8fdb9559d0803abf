import * as fc from 'fast-check';
import type { Json } from '../../../lib/chain/json';
import { changeCount, type Difference, differenceOf, isSameJson } from '../../../viewer/page/data/difference';

const told = ({ kind, name, members }: Difference): unknown =>
  members ? [name, kind, members.map(told)] : [name, kind];

describe('differenceOf', () => {
  it('tells members that were added, removed, changed and left', () => {
    const before = { a: 1, b: 2, c: { d: 1, e: [1] } };
    const after = { a: 1, c: { d: 2, e: [1] }, f: null };
    expect(told(differenceOf(before, after))).toEqual([
      null,
      'changed',
      [
        ['a', 'same'],
        ['b', 'removed'],
        [
          'c',
          'changed',
          [
            ['d', 'changed'],
            ['e', 'same', [['0', 'same']]],
          ],
        ],
        ['f', 'added'],
      ],
    ]);
  });

  it('finds an item that was put in between, and one that was taken out', () => {
    const inserted = differenceOf(['a', 'b', 'c'], ['a', 'x', 'b', 'c']);
    expect(inserted.members?.map(({ kind }) => kind)).toEqual(['same', 'added', 'same', 'same']);
    const removed = differenceOf(['a', 'b', 'c'], ['a', 'c']);
    expect(removed.members?.map(({ kind }) => kind)).toEqual(['same', 'removed', 'same']);
  });

  it.each<[Json | undefined, Json | undefined, Difference['kind']]>([
    [undefined, undefined, 'same'],
    [undefined, null, 'added'],
    [null, undefined, 'removed'],
    [null, 0, 'changed'],
    ['', '', 'same'],
    [[], {}, 'changed'],
    [{}, {}, 'same'],
  ])('takes %j and %j: %s', (before, after, kind) => {
    expect(differenceOf(before, after).kind).toBe(kind);
  });

  it('compares members with names of prototypes', () => {
    const parse = (text: string) => JSON.parse(text) as Json;
    const whole = differenceOf(parse('{"__proto__":{"x":1}}'), parse('{"__proto__":{"x":2},"toString":1}'));
    expect(told(whole)).toEqual([
      null,
      'changed',
      [
        ['__proto__', 'changed', [['x', 'changed']]],
        ['toString', 'added'],
      ],
    ]);
  });

  it('finds no difference but between different values', () => {
    const json = fc.jsonValue() as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(json, json, (before, after) => {
        const isSame = isSameJson(before, after);
        const whole = differenceOf(before, after);
        expect(whole.kind === 'same').toBe(isSame);
        expect(changeCount(whole) === 0).toBe(isSame);
        expect(differenceOf(before, structuredClone(before)).kind).toBe('same');
      }),
    );
  });
});
