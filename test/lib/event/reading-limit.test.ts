import { convert } from '../../../lib/event/convert';
import { createDrafter } from '../../../lib/event/drafter';
import type { AuditEvent } from '../../../lib/event/event';
import { ReadingLimit } from '../../../lib/event/reading-limit';
import { createSecrets } from '../../../lib/event/secrets';
import { sha256 } from '../../../lib/crypto/node';
import { leastTimeOf } from '../../support/unreadable';

const MEGABYTES_20 = 20 * 2 ** 20;
const record = createDrafter({ sha256, now: () => 0, valueBytes: 65_536 });
const draft = (more: Partial<AuditEvent>) =>
  record({ tenantId: 't', action: 'a', ...more }, {}, 'application').draft;

let members: object | undefined;
/** Made once: that takes longer than what is tested. */
const manyMembers = (): object =>
  (members ??= Object.fromEntries(
    Array.from({ length: 200_000 }, (_, n) => [`member${n}`, 'x'.repeat(100)]),
  ));

const HUGE: [string, () => unknown][] = [
  ['one text', () => 'x'.repeat(MEGABYTES_20)],
  ['one text of assignments', () => 'password=x '.repeat(MEGABYTES_20 / 11)],
  ['many texts', () => Array.from({ length: 20_000 }, () => 'word '.repeat(200))],
  ['many members', manyMembers],
  ['many small values', () => Array.from({ length: 5_000_000 }, () => 1)],
  ['holes', () => Object.assign([], { length: 4e9 })],
  ['a Buffer', () => Buffer.alloc(MEGABYTES_20)],
  ['a Map', () => new Map(Object.entries(manyMembers()))],
  ['a Set', () => new Set(Object.keys(manyMembers()))],
  ['what toJSON gives', () => ({ toJSON: manyMembers })],
  ['a JSON text', () => JSON.stringify(manyMembers())],
  ['parameters', () => new URLSearchParams('a=b&'.repeat(2_000_000))],
];

/** To list the members alone takes long. */
const UNTIMED = ['many members', 'what toJSON gives'];

describe.each(HUGE)('a value of 20 MB: %s', (name, make) => {
  let value: unknown;
  // Made once for both tests, and let go of.
  beforeAll(() => (value = make()));
  afterAll(() => (value = undefined));

  it('is not read to its end, and the mark says so', () => {
    const { metadata } = draft({ metadata: { value } }) as { metadata: Record<string, unknown> };
    expect(metadata).toEqual({
      truncated: true,
      bytes: expect.any(Number),
      atLeast: true,
      preview: expect.any(String),
    });
    expect(metadata['bytes']).toBeGreaterThan(65_536);
    expect(Array.from(metadata['preview'] as string)).toHaveLength(1024);
  });

  if (UNTIMED.includes(name)) return;
  it('takes about as long as a smaller one', () => {
    // Some 20 ms of most; to read it all takes seconds.
    expect(leastTimeOf(() => draft({ metadata: { value } }), 2_000)).toBeLessThan(2_000);
  });
});

describe('a text that is cut', () => {
  it('leaves no beginning of a secret that the cut would have split', () => {
    const limit = new ReadingLimit();
    const token = `ghp_${'a1'.repeat(500)}`;
    for (const before of [limit.left - 3, limit.left - 20, limit.left - 500]) {
      const text = `${' '.repeat(before)}${token}${' x'.repeat(100_000)}`;
      expect(convert(text, 'm', createSecrets(), new ReadingLimit())).not.toContain('ghp_');
    }
  });
});

describe('a secret that is longer than what is read beyond the cut', () => {
  const long = 'A1b2'.repeat(30_000);
  it.each([
    ['a JSON Web Token', `eyJ${long}.${long}.c2ln`],
    ['its first part', `eyJhbGciOiJIUzI1NiJ9.${long}.c2ln`],
    ['a token of an issuer', `ghp_${long}`],
    ['a bearer token', `Bearer ${long}`],
    ['credentials', `Basic ${Buffer.from(`ann:${long}`).toString('base64')}`],
    ['a password of a URL', `https://ann:${long}@host/`],
    ['a private key', `-----BEGIN PRIVATE KEY-----\n${long}\n-----END PRIVATE KEY-----`],
    ['a form', `password=${long}`],
    ['JSON', `"password":"${long}"`],
    ['a message', `Path \`password\` (\`${long}\`) is longer than the maximum allowed length (8).`],
    ['a message of a cast', `"password" with value "${long}" fails to match the required pattern`],
  ])('leaves no beginning there: %s', (_, secret) => {
    const before = ' '.repeat(new ReadingLimit().left - 1_000);
    expect(convert(before + secret, 'm', createSecrets(), new ReadingLimit())).not.toContain('A1b2A1b2');
    expect(draft({ actor: { id: 'a', name: secret } }).actorName).not.toContain('A1b2A1b2');
    expect(draft({ context: { userAgent: secret } }).context).not.toMatchObject({
      userAgent: expect.stringContaining('A1b2A1b2'),
    });
  });

  it('what is no secret is kept to the cut', () => {
    const text = `data:image/png;base64,${'iVBORw0K'.repeat(100_000)}`;
    expect(convert(text, 'm', createSecrets(), new ReadingLimit())).toBe(
      text.slice(0, new ReadingLimit().left),
    );
    expect(convert(`https://host:8080/${long.repeat(4)}`, 'm', createSecrets())).not.toContain('REDACTED');
  });
});

describe('a value that is larger than may be kept, but not so large', () => {
  it('has its size and its hash in the mark', () => {
    expect(draft({ metadata: { text: 'x'.repeat(100_000) } }).metadata).toEqual({
      truncated: true,
      bytes: 100_011,
      sha256: sha256(JSON.stringify({ text: 'x'.repeat(100_000) })),
      preview: expect.any(String),
    });
  });

  it('is kept where more may be', () => {
    const own = createDrafter({ sha256, now: () => 0, valueBytes: 524_288 });
    const metadata = { text: 'x'.repeat(524_288 - 11) };
    const event = { tenantId: 't', action: 'a', metadata };
    expect(own(event, {}, 'application').draft.metadata).toEqual(metadata);
  });
});
