import { createHash } from 'node:crypto';
import mongoose from 'mongoose';
import type { Draft } from '../../../lib/chain/entry';
import type { Origin } from '../../../lib/event/event';
import { createDrafter, type DrafterOptions } from '../../../lib/event/drafter';
import { sha256 } from '../../../lib/crypto/node';

const SECRET = 'Bearer abcdefghijklmnop';

function draft(event: object, origin: Origin = {}, options: Partial<DrafterOptions> = {}): Draft {
  const record = createDrafter({ sha256, now: () => 0, valueBytes: 65_536, ...options });
  return record({ action: 'a.b', ...event }, origin, 'application').draft;
}

const given = (more: object): Draft => draft({ tenantId: 't', ...more });

describe('lengths', () => {
  const TEXTS: [keyof Draft, (text: string) => object][] = [
    ['actorName', (name) => ({ actor: { id: 'a', name } })],
    ['resourceType', (type) => ({ resource: { id: 'r', type } })],
    ['resourceName', (name) => ({ resource: { id: 'r', name } })],
  ];

  it.each(TEXTS)('of %s are at most 1,024 code points: a longer text is cut', (member, of) => {
    for (const unit of ['x', '\u{1F600}']) {
      expect(given(of(unit.repeat(1024)))[member]).toBe(unit.repeat(1024));
      expect(given(of(unit.repeat(1025)))[member]).toBe(`${unit.repeat(1023)}…`);
    }
    expect(given(of('a\ud800'))[member]).toBe('a\ufffd');
  });

  const IDS: [keyof Draft, number, (text: string) => object][] = [
    ['actor', 256, (actor) => ({ actor })],
    ['actor', 256, (id) => ({ actor: { id } })],
    ['onBehalfOf', 256, (onBehalfOf) => ({ actor: { id: 'a', onBehalfOf } })],
    ['resource', 1024, (resource) => ({ resource })],
    ['resource', 1024, (id) => ({ resource: { id } })],
  ];

  it.each(IDS)(
    'of %s are at most %i code points: a longer id ends in a digest of it all',
    (member, max, of) => {
      for (const unit of ['x', '\u{1F600}']) {
        const whole = unit.repeat(max);
        expect(given(of(whole))[member]).toBe(whole);
        const digest = createHash('sha256').update(`"${whole}y"`).digest('hex');
        expect(given(of(`${whole}y`))[member]).toBe(`${unit.repeat(max - 65)}…${digest}`);
        expect(given(of(`${whole}z`))[member]).not.toBe(given(of(`${whole}y`))[member]);
      }
    },
  );

  it.each(IDS)('of %s never make two ids one', (member, _max, of) => {
    const cut = given(of('x'.repeat(2000)))[member] as string;
    const ids = ['x'.repeat(2000), cut, 'a\ud800', 'a\udc00', 'a\ufffd', 'a\0', 'a'];
    const stored = ids.map((id) => given(of(id))[member] as string);
    expect(new Set(stored).size).toBe(ids.length);
    expect(stored.every((id) => id.isWellFormed())).toBe(true);
  });
});

/** What users may send, or an application may pass on, where a name belongs. */
describe('names that are none', () => {
  const oid = new mongoose.Types.ObjectId('64f000000000000000000001');
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const throwing = new Proxy(
    {},
    {
      get: () => {
        throw new Error('no');
      },
      has: () => {
        throw new Error('no');
      },
    },
  );
  const secretive = { email: 'a@example.com', password: 'hunter2' };
  const self: Record<string, unknown> = {};
  self['id'] = self;

  it.each<[string, unknown, string]>([
    ['an operator', { $ne: null }, '{"$ne":null}'],
    ['an array', ['a', 7], '["a",7]'],
    ['true', true, 'true'],
    ['infinity', Infinity, 'Infinity'],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an address', new URL('https://example.com/a'), 'https://example.com/a'],
    ['a secret', secretive, '{"email":"a@example.com","password":"[REDACTED]"}'],
    ['an id within an id', { id: { _id: oid } }, oid.toHexString()],
    ['an id that is itself', self, '{"id":"[Circular]"}'],
    ['a revoked proxy', revoked.proxy, '[Unreadable]'],
    ['a proxy that throws', throwing, '[Unreadable]'],
  ])('become texts: %s', (_what, value, text) => {
    expect(given({ actor: value, resource: value })).toMatchObject({ actor: text, resource: text });
    expect(given({ actor: { id: 'a', onBehalfOf: value } }).onBehalfOf).toBe(text);
  });

  it.each<[string, unknown]>([
    ['an empty text', ''],
    ['false', false],
    ['NaN', NaN],
    ['an empty object', {}],
    ['an empty array', []],
    ['a function', () => 'x'],
    ['a symbol', Symbol('x')],
    ['an object whose id is null', { id: null, email: 'a@example.com' }],
    ['an object whose id is undefined', { id: undefined }],
  ])('are nobody: %s', (_what, value) => {
    const entry = draft({ tenantId: 't', actor: value, resource: value }, { actor: 'ada' });
    expect(entry).toMatchObject({ actor: 'anonymous', actorType: 'anonymous' });
    expect(entry).not.toHaveProperty('resource');
    expect(given({ actor: { id: 'a', onBehalfOf: value } })).not.toHaveProperty('onBehalfOf');
  });

  it('keep what else is said of nobody', () => {
    expect(given({ actor: { id: '', name: 'ada', type: 'user' } })).toMatchObject({
      ...{ actor: 'anonymous', actorType: 'anonymous', actorName: 'ada' },
    });
    expect(given({ resource: { name: 'report' } })).toMatchObject({ resourceName: 'report' });
  });

  it('become texts as names and types', () => {
    const actor = { id: 'a', type: 'admin', name: { first: 'Ada' } };
    const entry = given({ actor, resource: { id: 'r', type: 7, name: ['x'] } });
    expect(entry).toMatchObject({ actorName: '{"first":"Ada"}', resourceType: '7', resourceName: '["x"]' });
    expect(entry).not.toHaveProperty('actorType');
  });

  it('are taken of a whole user by their known members', () => {
    const user = { ...{ id: 7, type: 'user', name: 'Ada' }, email: 'a@example.com', passwordHash: 'x' };
    const { id: _, ...entry } = given({ actor: user, resource: user });
    const { id: __, ...plain } = given({
      actor: { id: '7', type: 'user', name: 'Ada' },
      resource: { id: '7', type: 'user', name: 'Ada' },
    });
    expect(entry).toEqual(plain);
  });

  it('are taken of an instance with getters, even if some of them throw', () => {
    class User {
      get id(): string {
        throw new Error('not loaded');
      }
      get _id() {
        return oid;
      }
      get name() {
        return 'Ada';
      }
      get onBehalfOf(): string {
        throw new Error('not loaded');
      }
    }
    const text = oid.toHexString();
    expect(given({ actor: new User(), resource: new User() })).toMatchObject({
      ...{ actor: text, actorName: 'Ada', resource: text, resourceName: 'Ada' },
    });
  });

  it('are taken of Mongoose documents, hydrated and lean', () => {
    const schema = new mongoose.Schema({ name: String, type: { type: String }, email: String });
    const User = mongoose.model('DraftedUser', schema);
    const user = new User({ _id: oid, name: 'Ada', type: 'admin', email: 'a@example.com' });
    for (const document of [user, user.toObject()]) {
      const entry = given({ actor: document, resource: document });
      expect(entry).toMatchObject({
        actor: user.id,
        actorName: 'Ada',
        resource: user.id,
        resourceType: 'admin',
      });
      expect(JSON.stringify(entry)).not.toContain('example.com');
    }
  });
});

describe('the tenant of a request', () => {
  const of = (tenantId: unknown, more: Partial<DrafterOptions> = {}) =>
    draft({}, { tenantId: tenantId as never }, more).tenantId;

  it.each(['x'.repeat(257), 'a\0', 'a\ud800', SECRET])('is never a reason to refuse: %j', (tenantId) => {
    expect(of(tenantId)).toMatch(/^[^\0]*…[0-9a-f]{64}$/);
    expect(of(tenantId)).not.toBe(of(`${tenantId}b`));
  });

  it('is the same when the ledger itself names what stands for it, whatever the secrets', () => {
    const redact = { values: [/[0-9a-f]{32}/] };
    const tenantId = of('x'.repeat(257), { redact });
    expect(of(tenantId, { redact })).toBe(tenantId);
    expect(draft({ tenantId }, {}, { redact }).tenantId).toBe(tenantId);
  });

  it('counts as none where it is no name', () => {
    expect(of({ $ne: null }, { defaultTenant: 'default' })).toBe('default');
  });
});
