import * as fc from 'fast-check';
import { createSecrets } from '../../../lib/event/secrets';
import { leastTimeOf } from '../../support/unreadable';

const secrets = createSecrets();
const redactText = (text: string): string => secrets.redactText(text);
const R = '[REDACTED]';

describe('the secret part of a text is replaced, the rest kept', () => {
  it.each([
    ['https://x/cb?access_token=abc#id_token=def', `https://x/cb?access_token=${R}#id_token=${R}`],
    ['https://x/cb?a=1&code=abcdefghijklmnopqrstuvwxyz&state=s', `https://x/cb?a=1&code=${R}&state=s`],
    ['https://x/f?X-Amz-Signature=0a1b&x=1', `https://x/f?X-Amz-Signature=${R}&x=1`],
    ['next=%2Fcb%3Ftoken%3Dabc', `next=%2Fcb%3Ftoken%3D${R}`],
    ['https://user:pw@host/p', `https://user:${R}@host/p`],
    ['mongodb://u:p@host', `mongodb://u:${R}@host`],
    ['connect to mongodb+srv://u:p@h/db failed', `connect to mongodb+srv://u:${R}@h/db failed`],
    ['redis://:pw@h', `redis://:${R}@h`],
    ['postgres://u:p@w/x@h/db', `postgres://u:${R}@w/x@h/db`],
    ['https://TOKEN:x-oauth-basic@github.com', `https://${R}@github.com`],
    ['jdbc:postgresql://h/db?user=a&password=b', `jdbc:postgresql://h/db?user=a&password=${R}`],
    ['otpauth://totp/x?secret=ABC&issuer=y', `otpauth://totp/x?secret=${R}&issuer=y`],
    ['a=1&password=x&b=2', `a=1&password=${R}&b=2`],
    ['user[password]=x&c=1', `user[password]=${R}&c=1`],
    ['pass%77ord=x', `pass%77ord=${R}`],
    ['sid=abc; theme=dark', `sid=${R}; theme=dark`],
    ['Server=db;User Id=sa;Password=my pw;Encrypt=true', `Server=db;User Id=sa;Password=${R};Encrypt=true`],
    ['Password=p&ss;Server=x', `Password=${R};Server=x`],
    ['{"password":"x"', `{"password":"${R}"`],
    ['body {"a":1,"tokens":["a","b"],"b":2}', `body {"a":1,"tokens":${R},"b":2}`],
    [String.raw`{\"password\":\"x \\\"y\",\"a\":1}`, String.raw`{\"password\":\"[REDACTED]\",\"a\":1}`],
    ['dup key: { email: "x", apiKey: "abc" }', `dup key: { email: "x", apiKey: "${R}" }`],
    ['login failed password=hunter2 for ann', `login failed password=${R} for ann`],
    ['password: hunter2', `password: ${R}`],
    ['db_password: swordfish', `db_password: ${R}`],
    ['**Password:** hunter2', `**Password:** ${R}`],
    ["const password = 'hunter2'", `const password = '${R}'`],
    ['DB_PASSWORD=swordfish', `DB_PASSWORD=${R}`],
    ['mysql --password hunter2 --host db', `mysql --password ${R} --host db`],
    ['Authorization: Token abcdef', `Authorization: ${R}`],
    ['failed: Authorization: Token abc123, again', `failed: Authorization: ${R}, again`],
    ['curl -H "Authorization: Bearer 0123456789" x', `curl -H "Authorization: ${R}" x`],
    ['GET /\nCookie: sid=abc; theme=dark\nHost: x', `GET /\nCookie: ${R}\nHost: x`],
    ['x-api-key: abcdefgh', `x-api-key: ${R}`],
    ['-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY----- after', `${R} after`],
  ])('%p', (text, redacted) => {
    expect(redactText(text)).toBe(redacted);
    expect(redactText(redacted)).toBe(redacted);
  });

  const digits = '0123456789abcdef'.repeat(4);
  it.each([
    ...[
      'ghp_',
      'gho_',
      'ghs_',
      'github_pat_',
      'glpat-',
      'AKIA',
      'ASIA',
      'xoxb-',
      'xoxp-',
      'sk_live_',
      'rk_live_',
      'whsec_',
    ],
    ...[
      'AIza',
      'npm_',
      'pypi-',
      'sk-ant-',
      'sk-',
      'sk-proj-',
      'hf_',
      'dop_v1_',
      'hvs.',
      'shpat_',
      'AGE-SECRET-KEY-1',
    ],
    ...['EAAA', 'figd_', 'glsa_', 'rubygems_', 'dckr_pat_', 'tskey-auth-', 'sb_secret_', 'GOCSPX-'],
  ])('the token of an issuer: %s', (prefix) => {
    const token = prefix + (/^A[KSG]/.test(prefix) ? digits.toUpperCase() : digits);
    expect(redactText(`got ${token}, why?`)).toBe(`got ${R}, why?`);
    expect(redactText(`https://x/${token}?y`)).toBe(`https://x/${R}?y`);
  });

  it.each([
    'SG.0123456789abcdef.0123456789abcdef',
    `SK${'0123456789abcdef'.repeat(2)}`,
    '123456789:AAabcdefghijklmnopqrstuvwxyz0123456789',
    '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
    '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub',
  ])('%s', (token) => {
    expect(redactText(`a ${token} b`)).toBe(`a ${R} b`);
  });
});

describe('of harmless texts nothing is replaced', () => {
  it.each([
    'Password: must have at least 8 characters',
    'Password: 8-character minimum',
    'Forgot your password? Click here: https://example.com/reset',
    'Passwort: Bitte ändern Sie es bald.',
    'Le mot de passe : à changer avant demain',
    '密碼：請儘快更改',
    'token: expired',
    'The token expired: please sign in again',
    'the bearer of news',
    'Bearer tokens are accepted',
    'A basic understanding of things',
    'WWW-Authenticate: Bearer realm="x"',
    'SyntaxError: Unexpected token: punc',
    'SyntaxError: Unexpected token } in JSON at position 12',
    'const password = req.body.password;',
    'const token = await getToken(user);',
    'interface X { token: string | null; password?: string }',
    'password: z.string().min(8)',
    'if (token === undefined) return',
    'apiKey = process.env.API_KEY',
    'password: ***',
    'password=${PW}',
    'use --token to pass it',
    'max_tokens=512&model=x',
    'type=password&name=x',
    'tokenCount=5&tokenType=Bearer',
    'sort=-createdAt&page=2',
    '2026-11-22T01:02:03.004Z',
    'arn:aws:secretsmanager:us-east-1:123:secret:prod/db-AbCdEf',
    'password:reset',
    'tokens:write',
    'at Object.<anonymous> (/app/lib/token.ts:12:34)',
    'http://host:8080/path/@user',
    'https://user@example.com/a?b',
    'mailto:ann@example.com',
    'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    '8f3b2c1d-1234-4abc-9def-0123456789ab',
    '64f000000000000000000001',
    'commit 527a899f527a899f527a899f527a899f527a8990',
    'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '# Title\n\n- **Name:** Ann\n- [link](https://example.com/a#b)\n\n```js\nlet a = b;\n```',
    'name,email,role\nAnn,ann@example.com,admin\n',
    '{"role":"admin","tokenCount":5}',
    're_export_all_things_now',
    'sk-learn is a library',
    'task_live_update',
    'secret_garden',
    'ASIAN market',
    'npm_config_registry',
    'sub.domain.example-site.co.uk',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
    'org.member.invite',
    'Café: crème brûlée = délicieux',
    'The value "blue" is not allowed for "color"',
    'The path `src/token.ts` (new) is in the entry of the change',
    'Key (id)=(7) is still referenced from table "orders".',
    'const key = "name"; const value = "path";',
    'ERROR: null value in column "email" violates not-null constraint',
    '<html><head><title>Password reset</title></head><body><p>Hello</p></body></html>',
    '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>',
    'SELECT name, value FROM settings WHERE key = $1',
    'date,amount,currency\n2026-01-01,12.50,EUR\n',
    '{"columns":["id","name"],"rows":[[1,"Ann"]]}',
    'name: Ann\nkey: C major\npath: /home/ann',
  ])('%p', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('not of texts of words', () => {
    const words = fc.array(
      fc.constantFrom('the', 'token', 'was', 'password', 'basic', 'plan', 'sent', 'a', '12', 'secret'),
    );
    fc.assert(fc.property(words, (all) => expect(redactText(all.join(' '))).toBe(all.join(' '))));
  });
});

describe('the time', () => {
  const UNITS = [
    ...[
      '=',
      ':',
      'a=',
      'token:',
      'token:a',
      'token=a,',
      'password="',
      'password={',
      'password: ',
      '://',
      'x:y://',
      'x://a:b',
    ],
    ...[
      'eyJaaaaa-',
      'eyJaaaaa.',
      '-----BEGIN PRIVATE KEY-----',
      'Bearer ',
      'Basic ',
      '--token ',
      ';pwd=x ',
      '\\"',
      '$2b$10$',
    ],
    ...[
      'ghp_',
      'pwd=&a',
      'pwd=a;',
      '%3D',
      '"password":[',
      'SK0',
      '123456789:AA',
      '{"a":',
      'a'.repeat(99) + '=',
    ],
    ...[
      'value "',
      'value was: `',
      'Path `pin` (',
      'Path `pin` (`',
      '` is not a valid enum value for path `pin`',
    ],
    ...[
      'dup key: { : ',
      'Key (pin)=(',
      `PASSWORD 'a`,
      'name="pin"',
      '"name":"pin","a":"b",',
      '<pin>',
      '<pin ',
      '>',
      '<',
    ],
    ...['name="pin"\n\n', 'pin,a\n', 'pin,a\n"', 'pin,'],
  ];

  it.each(UNITS)('grows no faster than a text of %p', (unit) => {
    const time = (length: number, enough: number): number => {
      const text = unit.repeat(Math.ceil(length / unit.length));
      return leastTimeOf(() => redactText(text), enough);
    };
    // Four times as long; sixteen times the time would be quadratic. Below some milliseconds the clock is too coarse.
    const long = time(240_000, 250);
    const short = long < 250 ? 0 : time(60_000, 0);
    expect(long).toBeLessThan(Math.max(12 * short, 250));
  });
});

describe('a secret', () => {
  const around = fc.string({ unit: fc.constantFrom(' ', '/', ',', '\n', 'é', '"', '(', ')'), maxLength: 6 });
  it.each(['ghp_0123456789abcdefghij', 'AKIAIOSFODNN7EXAMPLE', 'xoxb-123456789012-abcdef'])(
    'never stays, whatever is around it: %s',
    (secret) => {
      fc.assert(
        fc.property(around, around, (before, after) =>
          expect(redactText(before + secret + after)).not.toContain(secret.slice(0, 12)),
        ),
      );
    },
  );

  it('named by a form never stays', () => {
    const name = fc.constantFrom('password', 'access_token', 'client_secret', 'user[pin]', 'db_pass');
    const value = fc.string({
      unit: fc.constantFrom(...'a b c X Y Z 0 1 9 . _ ~ - % +'.split(' ')),
      minLength: 12,
      maxLength: 20,
    });
    fc.assert(
      fc.property(
        name,
        value,
        fc.constantFrom('', '?', 'a=b&', 'https://x/y?z=1&'),
        (key, secret, before) => {
          fc.pre(/[A-Za-z]/.test(secret) && !/^%|^x+$/.test(secret));
          expect(redactText(`${before}${key}=${secret}&c=d`)).toBe(`${before}${key}=${R}&c=d`);
        },
      ),
    );
  });
});
