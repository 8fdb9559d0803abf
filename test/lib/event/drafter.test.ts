import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import { canonicalize } from '../../../lib/chain/canonical';
import type { Draft } from '../../../lib/chain/entry';
import { AuditError } from '../../../lib/errors';
import type { AuditEvent, Origin } from '../../../lib/event/event';
import { type Author, createDrafter, type DrafterOptions } from '../../../lib/event/drafter';
import { sha256 } from '../../../lib/crypto/node';

const NOW = Date.parse('2026-11-22T01:02:03.004Z');
const SECRET = 'Bearer abcdefghijklmnop';

interface Surroundings extends Partial<DrafterOptions> {
  origin?: Origin;
  author?: Author;
}

function draft(
  event: unknown,
  { origin = {}, author = 'application', ...options }: Surroundings = {},
): Draft {
  const record = createDrafter({ sha256, now: () => NOW, valueBytes: 65_536, ...options });
  return record(event as AuditEvent, origin, author).draft;
}

const given = (more: object): Draft => draft({ tenantId: 't', action: 'a.b', ...more });

function errorOf(call: () => unknown): AuditError {
  try {
    call();
  } catch (error) {
    if (error instanceof AuditError) return error;
    throw error;
  }
  throw new Error('it was let through');
}

const refusal = (more: object, surroundings?: Surroundings): string => {
  const error = errorOf(() => draft({ tenantId: 't', action: 'a.b', ...more }, surroundings));
  expect(error.code).toBe('INVALID_EVENT');
  return error.message;
};

describe('an event with what is required alone', () => {
  it('has defaults', () => {
    expect(given({})).toEqual({
      v: 1,
      tenantId: 't',
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      occurredAt: '2026-11-22T01:02:03.004Z',
      actor: 'anonymous',
      actorType: 'anonymous',
      action: 'a.b',
      outcome: 'success',
    });
  });

  it('takes an explicit undefined for absent', () => {
    const nothing = { actor: undefined, resource: undefined, outcome: undefined, metadata: undefined };
    const more = {
      before: undefined,
      after: undefined,
      occurredAt: undefined,
      id: undefined,
      context: undefined,
    };
    const { id: _, ...rest } = given({ ...nothing, ...more, unknown: undefined });
    const { id: __, ...plain } = given({});
    expect(rest).toEqual(plain);
  });

  it('has ids that are never the same', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => given({}).id)).size).toBe(1_000);
  });
});

describe('identifiers', () => {
  const oid = new mongoose.Types.ObjectId('64f000000000000000000001');

  it.each<[string, unknown, string]>([
    ['a number', 42, '42'],
    ['zero', 0, '0'],
    ['a bigint', 2n ** 64n, '18446744073709551616'],
    ['an ObjectId', oid, '64f000000000000000000001'],
    ['a text', 'x', 'x'],
  ])('become texts: %s', (_, value, text) => {
    expect(given({ actor: value, tenantId: value, resource: value })).toMatchObject({
      actor: text,
      tenantId: text,
      resource: text,
    });
    const parts = { actor: { id: value, onBehalfOf: value }, resource: { id: value } };
    expect(given(parts)).toMatchObject({ actor: text, onBehalfOf: text, resource: text });
  });

  it.each([
    NaN,
    Infinity,
    true,
    {},
    [],
    [oid],
    () => 'x',
    Symbol('x'),
    new Date(0),
    { toHexString: () => 7 },
  ])('that are keys are nothing else: %p', (value) => {
    expect(refusal({ tenantId: value })).toContain('`tenantId`');
    expect(refusal({ id: value })).toContain('`id`');
  });

  it('come in parts', () => {
    const actor = { id: 'a', type: 'service', name: 'A', onBehalfOf: 'b' };
    const resource = { id: 'r', type: 'invite', name: 'R' };
    expect(given({ actor, resource })).toMatchObject({
      ...{ actor: 'a', actorType: 'service', actorName: 'A', onBehalfOf: 'b' },
      ...{ resource: 'r', resourceType: 'invite', resourceName: 'R' },
    });
  });
});

describe('lengths', () => {
  const KEYS: [string, number, (text: string) => object][] = [
    ['action', 256, (action) => ({ action })],
    ['tenantId', 256, (tenantId) => ({ tenantId })],
    ['id', 128, (id) => ({ id })],
  ];

  it.each(KEYS)('of %s are 1 to %i code points', (field, max, of) => {
    for (const unit of ['x', '\u{1F600}']) {
      expect(given(of(unit.repeat(max)))).toMatchObject(of(unit.repeat(max)));
      expect(refusal(of(unit.repeat(max + 1)))).toContain(`\`${field}\` must be a string of 1 to ${max}`);
    }
    expect(refusal(of(''))).toContain(`\`${field}\``);
  });
});

describe('null', () => {
  it('is absent', () => {
    const nothing = { actor: null, resource: null, outcome: null, metadata: null, occurredAt: null };
    const { id: _, ...rest } = given({ ...nothing, id: null, context: null });
    const { id: __, ...plain } = given({});
    expect(rest).toEqual(plain);
    expect(draft({ action: 'a', tenantId: null }, { defaultTenant: 'default' }).tenantId).toBe('default');
    expect(draft({ action: 'a', tenantId: 't', actor: null }, { origin: { actor: 'ada' } }).actor).toBe(
      'ada',
    );
  });

  it('is absent among the members of actor and resource', () => {
    const actor = { id: 'a', type: null, name: null, onBehalfOf: null };
    const resource = { id: 'r', type: null, name: null };
    const { id: _, ...rest } = given({ actor, resource });
    const { id: __, ...plain } = given({ actor: 'a', resource: 'r' });
    expect(rest).toEqual(plain);
  });

  it('of occurredAt leaves repetitions equal', () => {
    const record = createDrafter({ sha256, now: () => NOW, valueBytes: 100 });
    const event = { tenantId: 't', action: 'a', occurredAt: null };
    expect(record(event, {}, 'application').occurredAtGiven).toBe(false);
  });

  it('is no action', () => {
    expect(refusal({ action: null })).toContain('`action` is missing');
  });
});

describe('what is wrong', () => {
  it('is said all at once, with what to do', () => {
    const message = refusal({
      ...{ action: 7, tenantId: '', outcome: 'ok', id: '\0', occurredAt: 'yesterday', colour: 'red' },
    });
    for (const field of ['action', 'tenantId', 'outcome', 'id', 'occurredAt', 'colour'])
      expect(message).toContain(`\`${field}\``);
    expect(message).toMatch(/success, failure, denied/);
    expect(message).toMatch(/what varies belongs in `metadata`/);
    expect(message).toMatch(/give a hash of/);
    expect(message).toMatch(/`colour` is not known.*put it into `metadata`/);
  });

  it.each([undefined, null, 'event', 7, [], () => 1])('is an event that is none: %p', (event) => {
    expect(errorOf(() => draft(event)).code).toBe('INVALID_EVENT');
  });

  it('is an action that is missing', () => {
    expect(errorOf(() => draft({ tenantId: 't' })).message).toContain('`action` is missing');
  });

  it('is a member that cannot be read, as an error of ours', () => {
    const cause = new Error('hunter2');
    const broken = {
      get: () => {
        throw cause;
      },
      enumerable: true,
    };
    for (const member of ['action', 'metadata', 'context', 'tenantId']) {
      const event = Object.defineProperty({ tenantId: 't', action: 'a' }, member, broken);
      const error = errorOf(() => draft(event));
      expect(error).toMatchObject({ code: 'INVALID_EVENT', cause });
      expect(error.message).not.toContain('hunter2');
    }
  });

  it('says no secret', () => {
    const values = { action: '', tenantId: SECRET, id: SECRET, outcome: SECRET, occurredAt: SECRET };
    const message = refusal(values);
    expect(message).not.toContain('abcdefgh');
    expect(refusal({ action: SECRET }, { actions: ['a.b'] })).not.toContain('abcdefgh');
  });
});

describe('the tenant', () => {
  const noTenant = (event: object, surroundings?: Surroundings): AuditError =>
    errorOf(() => draft({ action: 'a', ...event }, surroundings));

  it('missing is TENANT_REQUIRED', () => {
    expect(noTenant({}).code).toBe('TENANT_REQUIRED');
    expect(noTenant({ tenantId: undefined }).code).toBe('TENANT_REQUIRED');
  });

  it('missing with something else wrong is INVALID_EVENT, with both', () => {
    const error = noTenant({ outcome: 'ok' });
    expect(error.code).toBe('INVALID_EVENT');
    expect(error.message).toMatch(/`outcome`.*`tenantId` is missing/);
  });

  it.each(['\ud800', 'a\udc00', 'a\0b'])('and the id hold no lone surrogates and no U+0000: %j', (text) => {
    expect(refusal({ tenantId: text })).toContain('`tenantId`');
    expect(refusal({ id: text })).toContain('`id`');
  });

  it('is the event’s, else the request’s, else the default', () => {
    const surroundings = { origin: { tenantId: 'request' }, defaultTenant: 'default' };
    expect(draft({ action: 'a', tenantId: 'event' }, surroundings).tenantId).toBe('event');
    expect(draft({ action: 'a' }, surroundings).tenantId).toBe('request');
    expect(draft({ action: 'a' }, { defaultTenant: 'default' }).tenantId).toBe('default');
  });

  const asObject = { toHexString: () => 'system' };

  it.each([
    ['a text', 'system'],
    ['an object that prints so', asObject],
  ])('is never the ledger’s own: %s', (_, system) => {
    expect(refusal({ tenantId: system })).toContain('`tenantId`');
    const origin = { tenantId: system as never };
    expect(noTenant({}, { origin }).code).toBe('TENANT_REQUIRED');
    expect(draft({ action: 'a' }, { origin, defaultTenant: 'default' }).tenantId).toBe('default');
  });

  it('is the ledger’s own for the ledger', () => {
    const event = { action: 'ledger.checkpoint', tenantId: 'system' };
    expect(draft(event, { author: 'ledger', actions: ['a'] })).toMatchObject(event);
  });
});

describe('actions', () => {
  it('of the ledger are its own', () => {
    expect(refusal({ action: 'ledger.checkpoint' })).toContain('`action`');
    expect(given({ action: 'ledgers.x' }).action).toBe('ledgers.x');
  });

  it('are those that were listed', () => {
    const actions = ['org.member.invite', 'org.member.remove'];
    expect(refusal({ action: 'org.member.invited' }, { actions })).toMatch(
      /one of org\.member\.invite, org\.member\.remove/,
    );
    expect(draft({ tenantId: 't', action: 'org.member.remove' }, { actions }).action).toBe(
      'org.member.remove',
    );
  });
});

describe('occurredAt', () => {
  it.each<[unknown, string]>([
    [new Date(5), '1970-01-01T00:00:00.005Z'],
    ['2026-11-21T22:43:42Z', '2026-11-21T22:43:42.000Z'],
    ['2026-11-21t22:43:42.5z', '2026-11-21T22:43:42.500Z'],
    ['2026-11-21T22:43:42.123999999Z', '2026-11-21T22:43:42.123Z'],
    ['2026-11-21T22:43:42.388+02:30', '2026-11-21T20:13:42.388Z'],
    ['2026-11-21T23:59:59-00:01', '2026-11-22T00:00:59.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999999Z', '9999-12-31T23:59:59.999Z'],
  ])('takes %p', (occurredAt, text) => {
    expect(given({ occurredAt }).occurredAt).toBe(text);
  });

  it.each([
    ...[
      '2026-11-21',
      '2026-11-21T22:43:42',
      '2026-11-21T22:43Z',
      '2026-11-21 22:43:42Z',
      '20261121T224342Z',
      '',
    ],
    ...['2026-02-30T00:00:00Z', '2025-02-29T00:00:00Z', '2026-13-01T00:00:00Z', '2026-11-00T00:00:00Z'],
    ...['2026-11-21T24:00:00Z', '2026-11-21T22:60:00Z', '2016-12-31T23:59:60Z', '2026-11-21T22:43:42.Z'],
    ...[
      '+010000-01-01T00:00:00Z',
      '10000-01-01T00:00:00Z',
      '-000001-01-01T00:00:00Z',
      '2026-11-21T22:43:42+24:00',
    ],
    ...['0000-01-01T00:00:00+00:01', '9999-12-31T23:59:59-00:01', 'now', ' 2026-11-21T22:43:42Z'],
    ...[0, NOW, {}, true, new Date(NaN), new Date(8.64e15), new Date(-8.64e15)],
  ])('refuses %p, and says what it takes', (occurredAt) => {
    expect(refusal({ occurredAt })).toMatch(
      /`occurredAt` must be a valid Date or an RFC 3339 date-time with its zone/,
    );
  });
});

describe('values', () => {
  it('are converted and redacted', () => {
    const value = { at: new Date(5), password: 'hunter2', list: [undefined] };
    const json = { at: '1970-01-01T00:00:00.005Z', password: '[REDACTED]', list: [null] };
    expect(given({ metadata: value, before: value, after: [value] })).toMatchObject({
      ...{ metadata: json, before: json, after: [json] },
    });
  });

  it.each([null, 0, false, '', [], {}])('of before and after are kept: %p', (value) => {
    expect(given({ before: value, after: value })).toMatchObject({ before: value, after: value });
  });

  it.each([{}, [], new Map(), { a: undefined }, { f: () => 1 }, null])(
    'of empty metadata are left out: %p',
    (metadata) => {
      expect(given({ metadata })).not.toHaveProperty('metadata');
    },
  );

  it.each([() => 1, Symbol('s')])('that JSON drops are left out: %p', (value) => {
    expect(Object.keys(given({ metadata: value, before: value, after: value }))).not.toContain('before');
  });

  it.each(['metadata', 'before', 'after'])('of %s are kept up to the limit', (member) => {
    const text = 'é'.repeat(49); // 98 bytes and two quotes
    expect(draft({ tenantId: 't', action: 'a', [member]: text }, { valueBytes: 100 })).toHaveProperty(
      member,
      text,
    );
  });

  it.each(['metadata', 'before', 'after'])('of %s beyond it become a mark that identifies them', (member) => {
    const value = { b: '\u{1F600}é"'.repeat(1_000), a: [new Date(5)], token: 'hunter2' };
    const converted = { b: value.b, a: ['1970-01-01T00:00:00.005Z'], token: '[REDACTED]' };
    const text = canonicalize(converted);
    const mark = {
      truncated: true,
      bytes: Buffer.byteLength(text),
      sha256: createHash('sha256').update(text).digest('hex'),
      preview: Array.from(text).slice(0, 1024).join(''),
    };
    const limited = draft({ tenantId: 't', action: 'a', [member]: value }, { valueBytes: 500 });
    expect(limited).toHaveProperty(member, mark);
    expect(draft({ tenantId: 't', action: 'a', [member]: value }, { valueBytes: mark.bytes })).toHaveProperty(
      member,
      converted,
    );
    expect(
      draft({ tenantId: 't', action: 'a', [member]: value }, { valueBytes: mark.bytes - 1 }),
    ).toHaveProperty(member, mark);
  });
});

describe('secrets among names', () => {
  it('leave no part where a name is cut', () => {
    const id = `${'x'.repeat(180)} ${SECRET}${'y'.repeat(2000)}`;
    const stored = given({ actor: { id, name: `${'x'.repeat(1010)} ${SECRET}` }, resource: id });
    expect(JSON.stringify(stored)).not.toContain('abcdefgh');
  });

  it('are redacted wherever an application puts them', () => {
    const actor = { id: SECRET, name: SECRET, onBehalfOf: SECRET };
    const resource = { id: `/reset/${SECRET}`, type: SECRET, name: SECRET };
    const stored = given({
      actor,
      resource,
      action: `call ${SECRET}`,
      context: { path: SECRET, userAgent: SECRET },
    });
    expect(JSON.stringify(stored)).not.toContain('abcdefgh');
    expect(stored).toMatchObject({
      actor: '[REDACTED]',
      resource: '/reset/[REDACTED]',
      context: { path: '[REDACTED]' },
    });
  });

  it('are refused where they would be keys', () => {
    expect(refusal({ tenantId: SECRET })).toMatch(/`tenantId` .*got a secret/);
    expect(refusal({ id: SECRET })).toMatch(/`id` .*got a secret/);
  });
});
