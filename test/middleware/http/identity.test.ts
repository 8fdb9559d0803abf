import type { Request } from 'express';
import { Schema, Types } from 'mongoose';
import { type Identify, identifyByConvention, readIdentity } from '../../../middleware/http/identity';
import { connect } from '../../support/connection';

const request = (members: object) => members as Request;
const conventional = (members: object) => readIdentity(identifyByConvention, request(members));
const custom = (identity: unknown) => readIdentity((() => identity) as Identify, request({}));

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

describe('identityOf', () => {
  it('keeps an actor in parts', () => {
    const actor = { id: new Types.ObjectId(), type: 'service', name: 'Cron', onBehalfOf: 'ada' };
    expect(custom({ actor, tenantId: 't' })).toEqual({ actor, tenantId: 't' });
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['null members', { actor: null, tenantId: null }],
    ['empty texts', { actor: '', tenantId: '' }],
    ['false, as of `user && user.id`', { actor: false, tenantId: false }],
    ['an actor without an id', { actor: { id: undefined, name: undefined }, tenantId: undefined }],
    ['the tenant `system`', { tenantId: 'system' }],
    ['the tenant `system` in disguise', { tenantId: { toHexString: () => 'system' } }],
  ])('takes %s for nobody', (_what, identity) => {
    expect(custom(identity)).toEqual(nobody);
  });

  it.each([
    ['a text', 'ada'],
    ['an array', ['ada']],
    ['a promise', new Promise(() => undefined)],
    ['true as actor', { actor: true }],
    ['an object as tenant', { actor: 'ada', tenantId: { $ne: null } }],
    ['an array as tenant', { actor: 'ada', tenantId: ['a', 'b'] }],
    ['NaN', { actor: NaN }],
  ])('throws for %s', (_what, identity) => {
    expect(() => custom(identity)).toThrow(/`identify`/);
  });
});
