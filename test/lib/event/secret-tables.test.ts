import type { Json } from '../../../lib/chain/json';
import { convert as convertMember } from '../../../lib/event/convert';
import { createSecrets } from '../../../lib/event/secrets';

const secrets = createSecrets();
const convert = (value: unknown): Json | undefined => convertMember(value, 'metadata', secrets);
const R = '[REDACTED]';

describe('a table', () => {
  it.each<[unknown, unknown]>([
    [
      [
        ['user', 'password'],
        ['ann', 'x'],
        ['bob', 'y'],
      ],
      [
        ['user', 'password'],
        ['ann', R],
        ['bob', R],
      ],
    ],
    [
      [
        ['id', 'name', 'apiKey'],
        [1, 'ann', 'x'],
      ],
      [
        ['id', 'name', 'apiKey'],
        [1, 'ann', R],
      ],
    ],
    [
      [
        ['password', 'a', 'b', 'c'],
        ['x', 1, 2, 3],
      ],
      [
        ['password', 'a', 'b', 'c'],
        [R, 1, 2, 3],
      ],
    ],
    [
      {
        columns: ['id', 'password'],
        rows: [
          [1, 'x'],
          [2, { a: 'y' }],
        ],
      },
      {
        columns: ['id', 'password'],
        rows: [
          [1, R],
          [2, R],
        ],
      },
    ],
    [
      { rows: [[1, 'x']], fields: [{ name: 'id' }, { name: 'password', type: 'text' }] },
      { rows: [[1, R]], fields: [{ name: 'id' }, { name: 'password', type: 'text' }] },
    ],
    [
      { header: ['id', 'token'], data: [[1, 'x']] },
      { header: ['id', 'token'], data: [[1, R]] },
    ],
    [
      { columnNames: ['id', 'tokens'], values: [1, 512] },
      { columnNames: ['id', 'tokens'], values: [1, 512] },
    ],
    [
      { keys: ['id', 'pin'], values: [1, 1234] },
      { keys: ['id', 'pin'], values: [1, R] },
    ],
  ])('has a mark for each cell of a secret column: %j', (value, json) => {
    expect(convert(value)).toEqual(json);
    expect(convert({ result: value })).toEqual({ result: json });
    expect(convert(JSON.stringify(value))).toBe(JSON.stringify(json));
    if (!Array.isArray(value)) expect(convert(new Map(Object.entries(value as object)))).toEqual(json);
  });

  it.each<unknown>([
    [
      ['id', 'name'],
      [1, 'ann'],
    ],
    [
      ['grant_type', 'password'],
      ['username', 'ann'],
    ],
    [
      ['auth', 'password'],
      ['ui', 'theme'],
    ],
    [['user', 'password'], ['ann']],
    [['user', 'password']],
    [
      ['user', 'tokens'],
      ['ann', 5],
    ],
    { columns: ['id', 'name'], rows: [[1, 'ann']] },
    { fields: ['password', 'email'], errors: [['too short'], []] },
    { fields: ['password', 'email'], items: [{ a: 1 }, { b: 2 }] },
    { labels: ['Password resets', 'Sign-ins'], data: [5, 9] },
    { headers: { accept: '*/*' }, body: [['a', 'b']] },
    { columns: ['password'], total: 5 },
  ])('is kept where no column is secret, and where it is none: %j', (value) => {
    expect(convert(value)).toEqual(value);
  });
});
