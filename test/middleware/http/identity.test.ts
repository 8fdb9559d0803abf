import type { Request } from 'express';
import { Schema, Types } from 'mongoose';
import { type Identify, identifyByConvention, readIdentity } from '../../../middleware/http/identity';
import { createDrafter } from '../../../lib/event/drafter';
import { sha256 } from '../../../lib/crypto/node';
import { connect } from '../../support/connection';

const { names } = createDrafter({ sha256, now: Date.now, valueBytes: 1_000 });
const reported: Error[] = [];
const ledger = { names, report: (error: Error) => void reported.push(error) };
beforeEach(() => reported.splice(0));

const request = (members: object) => members as Request;
const conventional = (members: object) => readIdentity(identifyByConvention, request(members), ledger);
const custom = (identity: unknown) => readIdentity((() => identity) as Identify, request({}), ledger);

const nobody = { actor: undefined, tenantId: undefined };

describe('identifyByConvention', () => {
  it.each([
    ['nothing', {}, nobody],
    ['req.auth', { auth: { sub: 'u1', orgId: 'o1' } }, { actor: 'u1', tenantId: 'o1' }],
    ['req.user', { user: { id: 'u1', tenantId: 't1' } }, { actor: 'u1', tenantId: 't1' }],
    ['req.session', { session: { userId: 'u1', organizationId: 't1' } }, { actor: 'u1', tenantId: 't1' }],
    ['numbers', { user: { id: 0, tenantId: 7 } }, { actor: '0', tenantId: '7' }],
    ['big integers', { user: { id: 12n } }, { actor: '12', tenantId: undefined }],
    ['an empty id', { user: { id: '', _id: 'u1' } }, { actor: 'u1', tenantId: undefined }],
    ['NaN', { user: { id: NaN } }, nobody],
    ['objects without a name', { user: { id: {}, tenantId: { $ne: null } } }, nobody],
    ['a text as user', { user: 'ada' }, nobody],
    ['null', { auth: null, user: null, session: null }, nobody],
  ])('reads %s', (_what, members, identity) => {
    expect(conventional(members)).toEqual(identity);
  });

  it('prefers auth to user and user to session, each of actor and tenant by itself', () => {
    const session = { userId: 's', tenantId: 'st' };
    expect(conventional({ auth: { id: 'a' }, user: { id: 'u', tenantId: 'ut' }, session })).toEqual({
      actor: 'a',
      tenantId: 'ut',
    });
    expect(conventional({ user: { name: 'u' }, session })).toEqual({ actor: 's', tenantId: 'st' });
  });

  it('never takes the id of a session, which is the secret in its cookie, for an actor', () => {
    expect(conventional({ session: { id: 'cookie', _id: 'cookie', cookie: {} } })).toEqual(nobody);
  });

  it('never takes the ledger’s own tenant', () => {
    expect(conventional({ user: { id: 'u', tenantId: 'system' } })).toEqual({
      actor: 'u',
      tenantId: undefined,
    });
  });

  it('reads a Mongoose document with ObjectIds', async () => {
    const connection = await connect();
    const schema = new Schema({ tenantId: Schema.Types.ObjectId, name: String });
    const tenantId = new Types.ObjectId();
    const user = await connection.model('User', schema).create({ name: 'Ada', tenantId });
    expect(conventional({ user })).toEqual({ actor: user.id, tenantId: tenantId.toHexString() });
    expect(conventional({ user: user.toObject() })).toEqual(conventional({ user }));
  });
});

describe('readIdentity', () => {
  const oid = new Types.ObjectId();

  it('keeps an actor in parts', () => {
    const actor = { id: oid, type: 'service', name: 'Cron', onBehalfOf: 'ada' };
    expect(custom({ actor, tenantId: 't' })).toEqual({
      actor: { ...actor, id: oid.toHexString() },
      tenantId: 't',
    });
  });

  it.each<[string, unknown, unknown]>([
    ['an actor whose name is null', { id: 'a', name: null, onBehalfOf: null, type: null }, 'a'],
    ['a whole user', { id: 7, email: 'a@example.com', type: 'admin', name: 'Ada' }, { id: '7', name: 'Ada' }],
    ['a whole document', { _id: oid, passwordHash: 'x' }, oid.toHexString()],
    ['the claims of a token', { sub: 'auth0|1', iat: 1 }, 'auth0|1'],
    [
      'an impersonator who acts for a whole user',
      { id: 'a', onBehalfOf: { _id: 'b' } },
      { id: 'a', onBehalfOf: 'b' },
    ],
    ['a user without an id', { email: 'a@example.com' }, '{"email":"a@example.com"}'],
    ['true', true, 'true'],
    ['an array', ['a', 'b'], '["a","b"]'],
  ])('takes %s', (_what, actor, read) => {
    expect(custom({ actor }).actor).toEqual(read);
  });

  it.each<[string, unknown, string]>([
    ['a number', 7, '7'],
    ['a whole tenant', { id: 't', name: 'T' }, 't'],
    ['a document', { _id: oid }, oid.toHexString()],
  ])('takes %s for a tenant', (_what, tenantId, read) => {
    expect(custom({ tenantId }).tenantId).toBe(read);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['null members', { actor: null, tenantId: null }],
    ['empty texts', { actor: '', tenantId: '' }],
    ['NaN, of `Number(undefined)`', { actor: NaN, tenantId: NaN }],
    ['false, as of `user && user.id`', { actor: false, tenantId: false }],
    ['an actor without an id', { actor: { id: undefined, name: undefined }, tenantId: undefined }],
    ['an actor with a name and no id', { actor: { id: null, name: 'Ada' } }],
    ['the tenant `system`', { tenantId: 'system' }],
    ['the tenant `system` in disguise', { tenantId: { toHexString: () => 'system' } }],
  ])('takes %s for nobody', (_what, identity) => {
    expect(custom(identity)).toEqual(nobody);
    expect(reported).toEqual([]);
  });

  it.each([
    ['a text', 'ada'],
    ['an array', ['ada']],
    ['a promise', new Promise(() => undefined)],
  ])('throws for %s', (_what, identity) => {
    expect(() => custom(identity)).toThrow(/`identify`/);
  });

  it.each([
    ['an object', { $ne: null }],
    ['an array', ['a', 'b']],
    ['true', true],
  ])('reports %s for a tenant, and keeps the actor', (_what, tenantId) => {
    expect(custom({ actor: 'ada', tenantId })).toEqual({ actor: 'ada', tenantId: undefined });
    expect(reported.map(({ message }) => message)).toEqual([
      expect.stringMatching(/`tenantId` of `identify`/),
    ]);
  });

  it.each([
    ['is too long', 'x'.repeat(257)],
    ['holds U+0000', 'a\0b'],
    ['holds a lone surrogate', 'a\ud800b'],
    ['is a secret', 'Bearer abcdefghijklmnop'],
  ])('gives a tenant whose id %s a text that stands for it alone', (_what, tenantId) => {
    const read = custom({ tenantId }).tenantId as string;
    expect(read).toMatch(/…[0-9a-f]{64}$/);
    expect(names.isTenantId(read)).toBe(true);
    expect(read).not.toContain('abcdefgh');
    expect(custom({ tenantId }).tenantId).toBe(read);
    expect(custom({ tenantId: `${tenantId}x` }).tenantId).not.toBe(read);
    expect(custom({ tenantId: read }).tenantId).not.toBe(read); // of somebody who calls themselves so
  });
});
