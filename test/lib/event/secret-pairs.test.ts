import * as fc from 'fast-check';
import type { Json } from '../../../lib/chain/json';
import { convert as convertMember } from '../../../lib/event/convert';
import { createSecrets } from '../../../lib/event/secrets';

const secrets = createSecrets();
const convert = (value: unknown, name = 'metadata'): Json | undefined => convertMember(value, name, secrets);
const R = '[REDACTED]';

describe('a value that another member names', () => {
  it.each<[unknown, unknown]>([
    [
      { name: 'client_secret', value: 'x' },
      { name: 'client_secret', value: R },
    ],
    [
      { value: 'x', key: 'password' },
      { value: R, key: 'password' },
    ],
    [
      { Key: 'DbPassword', Value: 'x', Type: 'env' },
      { Key: 'DbPassword', Value: R, Type: 'env' },
    ],
    [
      { field: 'password', from: 'a', to: 'b' },
      { field: 'password', from: R, to: R },
    ],
    [
      { fieldName: 'apiKey', oldValue: 'a', newValue: 'b' },
      { fieldName: 'apiKey', oldValue: R, newValue: R },
    ],
    [
      { path: ['user', 'password'], old: 'a', new: 'b' },
      { path: ['user', 'password'], old: R, new: R },
    ],
    [
      { kind: 'E', path: ['users', 0, 'pin'], lhs: 1, rhs: 2 },
      { kind: 'E', path: ['users', 0, 'pin'], lhs: R, rhs: R },
    ],
    [
      { op: 'replace', path: '/password', value: 'x' },
      { op: 'replace', path: '/password', value: R },
    ],
    [
      { op: 'add', path: '/users/0/password', value: 'x' },
      { op: 'add', path: '/users/0/password', value: R },
    ],
    [
      { op: 'move', from: '/a', path: '/password' },
      { op: 'move', from: '/a', path: '/password' },
    ],
    [
      { op: 'add', path: '/user', value: { password: 'x' } },
      { op: 'add', path: '/user', value: { password: R } },
    ],
    [
      { name: 'tokenCount', value: '5' },
      { name: 'tokenCount', value: '5' },
    ],
    [
      { name: 'tokens', value: 5 },
      { name: 'tokens', value: 5 },
    ],
    [
      { name: 'API token', id: 'x', createdBy: 'ann' },
      { name: 'API token', id: 'x', createdBy: 'ann' },
    ],
    [
      { type: 'field', msg: 'too short', path: 'password', value: 'hunter2' },
      { type: 'field', msg: 'too short', path: 'password', value: R },
    ],
    [{ $set: { 'profile.password': 'x', a: 1 } }, { $set: { 'profile.password': R, a: 1 } }],
    [
      { salt: 'a', hash: 'b', rounds: 3 },
      { salt: R, hash: R, rounds: 3 },
    ],
    [{ hash: '527a899' }, { hash: '527a899' }],
    [
      { type: 'password', value: 'x', temporary: false },
      { type: 'password', value: R, temporary: false },
    ],
    [
      { id: 'password', text: 'Choose one', value: 'x' },
      { id: 'password', text: 'Choose one', value: R },
    ],
    [
      { loc: ['body', 'password'], msg: 'too short', input: 'x' },
      { loc: ['body', 'password'], msg: 'too short', input: R },
    ],
    [
      { type: 'token', text: 'a' },
      { type: 'token', text: 'a' },
    ],
  ])('%j', (value, json) => {
    expect(convert(value)).toEqual(json);
    expect(convert([value])).toEqual([json]);
    expect(convert(new Map(Object.entries(value as object)))).toEqual(json);
  });
});

describe('in an object of very many members', () => {
  const members = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`member${n}`, n]));

  it('a value that another names', () => {
    expect(convert({ name: 'client_secret', ...members, value: 'x', newValue: 'y' })).toEqual({
      name: 'client_secret',
      ...members,
      value: R,
      newValue: R,
    });
    expect(convert({ ...members, salt: 'x', hash: 'y' })).toEqual({ ...members, salt: R, hash: R });
    expect(convert({ ...members, columns: ['id', 'pin'], rows: [[1, 2]] })).toEqual({
      ...members,
      columns: ['id', 'pin'],
      rows: [[1, R]],
    });
  });

  it('none is kept from being stored', () => {
    expect(convert({ ...members, name: 'ann', value: 'x' })).toEqual({ ...members, name: 'ann', value: 'x' });
  });
});

describe('a value that an item names', () => {
  it.each<[unknown, unknown]>([
    [[['password', 'x']], [['password', R]]],
    [
      [
        ['name', 'ann'],
        ['token', 'a', 'b'],
      ],
      [
        ['name', 'ann'],
        ['token', R, R],
      ],
    ],
    [
      ['Host', 'x', 'Authorization', 'y', 'Accept', '*/*'],
      ['Host', 'x', 'Authorization', R, 'Accept', '*/*'],
    ],
    [
      ['run', '--password', 'hunter2', '--verbose', '--token', '--port', '1'],
      ['run', '--password', R, '--verbose', '--token', '--port', '1'],
    ],
    [
      ['password', 'email', 'apiKey'],
      ['password', 'email', 'apiKey'],
    ],
    [
      ['password', 'email'],
      ['password', 'email'],
    ],
    [
      ['authorization', 'cookie'],
      ['authorization', 'cookie'],
    ],
  ])('%j', (value, json) => {
    expect(convert(value)).toEqual(json);
    expect(convert({ list: value })).toEqual({ list: json });
  });

  it('in raw headers, whatever they are called', () => {
    expect(convert({ rawHeaders: ['X-Own', 'a', 'X-Own-Token', 'b'] })).toEqual({
      rawHeaders: ['X-Own', 'a', 'X-Own-Token', R],
    });
  });
});

describe('a JSON text', () => {
  it.each([
    ['{"password":"x","a":1}', `{"password":"${R}","a":1}`],
    ['{"passw\\u006frd":"x"}', `{"password":"${R}"}`],
    [' [{"name":"pin","value":1}] ', `[{"name":"pin","value":"${R}"}]`],
    [JSON.stringify({ body: JSON.stringify({ token: 'x' }) }), JSON.stringify({ body: `{"token":"${R}"}` })],
    ['{ "kept" : [ 1.50 ] }', '{ "kept" : [ 1.50 ] }'],
  ])('is redacted as its value would be: %s', (text, redacted) => {
    expect(convert(text)).toBe(redacted);
    expect(convert({ text })).toEqual({ text: redacted });
  });
});

describe('a secret at any place', () => {
  const SECRET = 'hunter2-correct-horse-0';
  const holders = fc.constantFrom<(secret: unknown) => unknown>(
    (secret) => ({ password: secret }),
    (secret) => new Map([['api_key', secret]]),
    (secret) => ({ name: 'client_secret', value: secret }),
    (secret) => [['token', secret]],
    (secret) => ({ op: 'add', path: '/users/0/password', value: secret }),
    (secret) => `https://u:${String(secret)}@host/a`,
    (secret) => `https://host/a?access_token=${String(secret)}&b=1`,
    (secret) => `a=1&password=${String(secret)}`,
    (secret) => JSON.stringify({ user: { password: secret } }),
    (secret) => new Error(`refused: password=${String(secret)}`),
    (secret) => new URLSearchParams({ pin: String(secret) }),
    (secret) => new URL(`https://u:${String(secret)}@host/`),
    (secret) => ({ [`Bearer ${String(secret)}`]: 1 }),
    (secret) => ({ toJSON: () => ({ secret }) }),
  );
  const wrappers = fc.array(
    fc.constantFrom<(value: unknown) => unknown>(
      (value) => [value, 1],
      (value) => ({ a: 'b', member: value }),
      (value) => new Map<unknown, unknown>([[1, value]]),
      (value) => new Set([value]),
      (value) => new Error('outer', { cause: value }),
      (value) => ({ toJSON: () => value }),
      (value) => ({ name: 'harmless', value }),
    ),
    { maxLength: 6 },
  );

  it('never appears', () => {
    fc.assert(
      fc.property(holders, wrappers, (hold, wrap) => {
        const value = wrap.reduce((inner, each) => each(inner), hold(SECRET));
        expect(JSON.stringify(convert(value))).not.toContain(SECRET);
      }),
      { numRuns: 500 },
    );
  });
});
