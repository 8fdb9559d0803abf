import { isHash } from '../../../../lib/chain/entry';
import { isInstant, isSeq, assertObject } from '../../../../lib/evidence/check/json-shape';

it.each([
  '2026-11-21T22:43:42.388Z',
  '0000-01-01T00:00:00.000Z',
  '9999-12-31T23:59:59.999Z',
  '2024-02-29T00:00:00.000Z',
])('takes the instant %s', (text) => expect(isInstant(text)).toBe(true));

it.each([
  '2026-02-29T00:00:00.000Z',
  '2026-13-01T00:00:00.000Z',
  '2026-11-21T24:00:00.000Z',
  '2026-11-21T22:43:60.000Z',
  '2026-11-21T22:43:42Z',
  '2026-11-21T22:43:42.388+00:00',
  '2026-11-21t22:43:42.388z',
  '+02026-11-21T22:43:42.388Z',
  '2026-11-21T22:43:42.388Z\n',
  '',
  0,
  null,
])('does not take %j for an instant', (value) => expect(isInstant(value)).toBe(false));

it('takes 64 lower-case hex digits for a hash', () => {
  const hash = '0a'.repeat(32);
  expect([hash, hash.toUpperCase(), `${hash}0`, `${hash}\n`, 5].map(isHash)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
});

it('takes safe integers from 1 for places', () => {
  expect([1, 2 ** 53 - 1, 0, -1, 1.5, 2 ** 53, '1', null].map(isSeq)).toEqual([
    true,
    true,
    ...Array<boolean>(6).fill(false),
  ]);
});

it.each([null, [], 'x', 5])('refuses %j for an object', (value) => {
  expect(() => assertObject(value, 'A line')).toThrow('A line of the file holds no JSON object.');
});
