import * as fc from 'fast-check';
import { createSecrets } from '../../../lib/event/secrets';
import { timeOf } from '../../support/unreadable';

const builtIn = createSecrets();
const isName = (name: string): boolean => builtIn.isName(name);
const isText = (text: string): boolean => builtIn.isText(text);

const BUILT_IN =
  'password passwd passphrase pwd secret token authorization cookie credential credentials session-id api-key ' +
  'private-key access-key secret-key signing-key encryption-key password-hash otp pin cvv cvc card-number ' +
  'credit-card ssn iban';

const upperFirst = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** The ways in which people write a name of several words. */
function spellings(words: string[]): string[] {
  const [first = '', ...rest] = words;
  const camel = first + rest.map(upperFirst).join('');
  return [
    camel,
    upperFirst(camel),
    words.join('_'),
    words.join('-'),
    words.join('_').toUpperCase(),
    words.map(upperFirst).join('-'),
    words.join(' '),
    words.join('.'),
    `${camel}2`,
    `_${words.join('_')}_`,
    `$${camel}`,
  ];
}

const plural = (words: string[]): string[] =>
  words.with(-1, words.at(-1)!.replace(/sh$/, 'she').replace(/s$/, '') + 's');

describe('isName', () => {
  describe.each(BUILT_IN.split(' '))('%s', (name) => {
    const words = name.split('-');
    const owned = ['user', ...words];

    it.each([...spellings(words), words.join(''), words.join('').toUpperCase()])(
      'is secret as %p',
      (spelling) => {
        expect(isName(spelling)).toBe(true);
      },
    );

    it.each(spellings(owned))('is secret at the end of %p', (spelling) => {
      expect(isName(spelling)).toBe(true);
    });

    it.each([...spellings(plural(words)), ...spellings(plural(owned))])(
      'is secret in the plural: %p',
      (spelling) => {
        expect(isName(spelling)).toBe(true);
      },
    );

    it.each(spellings([...words, 'count']))('is no secret at the beginning of %p', (spelling) => {
      expect(isName(spelling)).toBe(false);
    });
  });

  it.each([
    'accessToken',
    'X-Authorization',
    'api_key',
    'APIKey',
    'userPIN',
    'oauth2Token',
    'authtoken',
    'mypassword',
  ])('takes %p for a secret', (name) => {
    expect(isName(name)).toBe(true);
  });

  it.each([
    ...['tokenCount', 'apiKeyId', 'passwordChangedAt', 'pinned', 'shipping', 'author', 'secretary', 'spin'],
    ...[
      'authorized',
      'authorizationId',
      'cookieConsent',
      'key',
      'keys',
      'session',
      'id',
      'card',
      'number',
      'hash',
    ],
    ...[
      'opinion',
      'pint',
      'tokenize',
      'ibanka',
      'compass',
      'keyboard',
      'secretLess',
      '',
      '_',
      '7',
      'ключ',
      '__proto__',
    ],
  ])('does not take %p for a secret', (name) => {
    expect(isName(name)).toBe(false);
  });

  it('answers the same again, and for very many names', () => {
    for (let n = 0; n < 6_000; n++) expect(isName(`name${n}Of`)).toBe(false);
    expect([isName('password'), isName('password')]).toEqual([true, true]);
  });

  it.each([
    ['many words', 'aB'.repeat(200_000)],
    ['one word', 'a'.repeat(1_000_000)],
    ['upper case', 'A'.repeat(1_000_000)],
    ['a secret at the end', `${'a_'.repeat(200_000)}api_key`],
  ])('answers soon for a very long name: %s', (_, name) => {
    let answer: unknown;
    expect(timeOf(() => (answer = isName(name)))).toBeLessThan(60_000);
    expect(answer).toBe(name.endsWith('api_key'));
  });
});

describe('isText', () => {
  const JWT =
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P';
  const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

  it.each([
    'Bearer abcdefghijklmnop',
    'bearer abcdefghijklmnop',
    'Authorization: Bearer abc.def-ghi_jkl~mno+pqr/stu==',
    'Bearer  two-blanks-before',
    'Bearer x',
    'curl -H "Authorization: Bearer 0123456789"',
    basic('alice:correct horse'),
    basic('a:b'),
    basic('ä:€'),
    `failed with ${basic('alice:pw').toLowerCase().slice(0, 6)}${basic('alice:pw').slice(6)} at once`,
    JWT,
    `/reset?jwt=${JWT}&next=/`,
    `before ${JWT} after`,
    `session-${JWT}`,
    `a.b.${JWT}`,
    `aaaaaaaa.${JWT}`,
    `${JWT.split('.').slice(0, 2).join('.')}.`,
    '-----BEGIN PRIVATE KEY-----\nMIGH',
    'x -----BEGIN RSA PRIVATE KEY-----',
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    '-----BEGIN ENCRYPTED PRIVATE KEY-----',
  ])('takes for a secret: %p', (text) => {
    expect(isText(text)).toBe(true);
  });

  it.each([
    '',
    'Basic plan',
    'The basic plan costs 5',
    'Basic',
    'BASIC access',
    'the bearer of news',
    'Bearer',
    'eyJ',
    'eyJhbGciOi',
    'eyJhbGciOi.only',
    'www.example.com',
    '-----BEGIN PUBLIC KEY-----',
    '-----BEGIN CERTIFICATE-----',
    'PRIVATE KEY',
    'password',
  ])('does not take for a secret: %p', (text) => {
    expect(isText(text)).toBe(false);
  });

  it('finds credentials behind a harmless use of the word', () => {
    expect(isText(`a basic plan, and ${basic('alice:pw')}`)).toBe(true);
  });

  it.each([
    ['beginnings of tokens', 'eyJ-'],
    ['beginnings of tokens with dots', 'eyJaaaaa.'],
    ['beginnings of tokens without end', 'eyJaaaaa-'],
    ['one run', 'a'],
    ['Basic', 'Basic '],
    ['Bearer with too little behind', 'Bearer a '],
    ['blanks', ' '],
    ['PEM headers', '-----BEGIN '],
    ['letters of PEM headers', 'PRIVATE KEY '],
  ])('answers soon for a megabyte of %s', (_, part) => {
    const megabyte = part.repeat(2 ** 20 / part.length);
    expect(timeOf(() => isText(`Bearer${megabyte}`))).toBeLessThan(60_000);
    expect(timeOf(() => isText(`-----BEGIN ${megabyte}`))).toBeLessThan(60_000);
  });

  it('finds a token wherever it stands in a text without its letters', () => {
    const around = fc.string({ unit: fc.constantFrom(' ', '.', '/', '=', '\n', 'é'), maxLength: 5 });
    fc.assert(
      fc.property(around, around, (before, after) => expect(isText(before + JWT + after)).toBe(true)),
    );
  });
});

describe('what an application adds', () => {
  it.each(['customerNumber', 'customer_number', 'CUSTOMER-NUMBER', 'theCustomerNumbers'])(
    'compares its names like the built-in ones: %p',
    (spelling) => {
      const own = createSecrets({ names: ['customerNumber'] });
      expect(own.isName(spelling)).toBe(true);
      expect(own.isName('customer')).toBe(false);
      expect(own.isName('password')).toBe(true);
      expect(isName(spelling)).toBe(false);
    },
  );

  it('takes nothing for a secret because of a name without letters', () => {
    const own = createSecrets({ names: ['', '_', '42'] });
    expect(['', 's', 'es', '7', 'id', 'items'].filter((name) => own.isName(name))).toEqual([]);
  });

  it.each([/\d{4}-\d{4}/, /\d{4}-\d{4}/g, /\d{4}-\d{4}/y, /\d{4}-\d{4}/gy])(
    'answers the same each time for a shape that keeps state: %p',
    (shape) => {
      const own = createSecrets({ values: [shape] });
      expect([1, 2, 3, 4].map(() => own.isText('no 1234-5678'))).toEqual([true, true, true, true]);
      expect(shape.lastIndex).toBe(0);
    },
  );

  it('keeps the other flags of a shape', () => {
    expect(createSecrets({ values: [/hunter\d/i] }).isText('HUNTER2')).toBe(true);
    expect(createSecrets({ values: [/hunter\d/] }).isText('HUNTER2')).toBe(false);
  });

  it('adds to the built-in shapes', () => {
    expect(createSecrets({ values: [/x/] }).isText('Bearer abcdefghijkl')).toBe(true);
  });
});
