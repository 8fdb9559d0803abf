import { createHmac } from 'node:crypto';
import express, { type ErrorRequestHandler, type Request, type RequestHandler } from 'express';
import { Types } from 'mongoose';
import request from 'supertest';
import { identifyByConvention } from '../../../middleware/http/identity-shapes';

const oid = new Types.ObjectId('64f000000000000000000001');
const asRequest = (members: object) => members as Request;
const identified = (members: object) => identifyByConvention(asRequest(members));
const throwing = (): never => {
  throw new Error('no');
};

describe('identifyByConvention', () => {
  it.each<[string, object, string | undefined, string | undefined]>([
    ['Passport', { user: { id: 'u', tenantId: 't' } }, 'u', 't'],
    [
      'a lean user of Mongoose',
      { user: { _id: oid, organization: oid } },
      oid.toHexString(),
      oid.toHexString(),
    ],
    [
      'a populated tenant',
      { user: { id: 'u', organization: { _id: oid, name: 'T' } } },
      'u',
      oid.toHexString(),
    ],
    ['express-jwt', { auth: { sub: 'u', tenant_id: 't' } }, 'u', 't'],
    ['Auth0', { auth: { header: {}, payload: { sub: 'auth0|u', org_id: 't' }, token: 'x' } }, 'auth0|u', 't'],
    ['Clerk', { auth: () => ({ userId: 'u', orgId: 't', sessionId: 's' }) }, 'u', 't'],
    ['Clerk before', { auth: { userId: 'u', orgId: 't', sessionId: 's' } }, 'u', 't'],
    ['Clerk, signed out', { auth: () => ({ userId: null, orgId: null }) }, undefined, undefined],
    ['Clerk without its middleware', { auth: throwing }, undefined, undefined],
    ['express-openid-connect', { oidc: { user: { sub: 'u', org_id: 't' } } }, 'u', 't'],
    ['openid-client', { user: { claims: { sub: 'u', organization_id: 't' } } }, 'u', 't'],
    ['Okta', { userContext: { userinfo: { sub: 'u' } } }, 'u', undefined],
    ['Keycloak', { kauth: { grant: { access_token: { content: { sub: 'u', tenant_id: 't' } } } } }, 'u', 't'],
    ['a session with a user', { session: { user: { id: 'u', org: { id: 't' } } } }, 'u', 't'],
    ['a session with a user’s id', { session: { user: 7 } }, '7', undefined],
    ['a session of Passport', { session: { passport: { user: oid } } }, oid.toHexString(), undefined],
    [
      'a session of Passport with a user',
      { session: { passport: { user: { user_id: 'u' } } } },
      'u',
      undefined,
    ],
    ['a session with members', { session: { user_id: 'u', organization_id: 't' } }, 'u', 't'],
    [
      'Better Auth',
      { user: { id: 'u' }, session: { id: 's', token: 'x', userId: 'u', activeOrganizationId: 't' } },
      ...(['u', 't'] as const),
    ],
    [
      'Better Auth, as it gives both',
      { session: { user: { id: 'u' }, session: { id: 's', token: 'x', activeOrganizationId: 't' } } },
      ...(['u', 't'] as const),
    ],
    ['Better Auth, its session alone', { session: { session: { id: 's', userId: 'u' } } }, 'u', undefined],
    ['Firebase', { user: { uid: 'u', email: 'a@example.com' } }, 'u', undefined],
  ])('reads %s', (_what, members, actor, tenantId) => {
    expect(identified(members)).toEqual({ actor, tenantId });
  });

  it('takes no secret of a session for an actor, wherever sessions are', () => {
    const session = { id: 'cookie', _id: 'cookie', token: 'cookie', sid: 'cookie' };
    expect(identified({ session, sessionID: 'cookie' })).toEqual({});
    expect(identified({ session: { ...session, session } })).toEqual({});
  });

  it('takes no organisation that users may have typed themselves for a tenant', () => {
    const user = { id: 'u', organization: 'Acme', org: 'Acme', tenant: 'Acme', company: { id: 'acme' } };
    expect(identified({ user })).toEqual({ actor: 'u', tenantId: undefined });
  });

  it('takes nothing that a client sends', () => {
    const sent = { id: 'u', userId: 'u', tenantId: 't', user: { id: 'u' } };
    expect(identified({ body: sent, query: sent, params: sent, headers: sent, cookies: sent })).toEqual({});
  });

  it('lives with getters and functions that throw', () => {
    const user = {
      get id() {
        return throwing();
      },
      _id: 'u',
      get tenantId() {
        return throwing();
      },
    };
    expect(identified({ user })).toEqual({ actor: 'u', tenantId: undefined });
    const req = Object.defineProperty({ user: { id: 'u' } }, 'auth', { get: throwing });
    expect(identified(Object.defineProperty(req, 'session', { get: throwing }))).toMatchObject({
      actor: 'u',
    });
    const oidc = Object.defineProperty({}, 'user', { get: throwing });
    expect(identified({ oidc, kauth: { grant: null }, session: { passport: null } })).toEqual({});
  });

  it('lives with a function that gives a promise', () => {
    expect(identified({ auth: () => Promise.reject(new Error('no')) })).toEqual({});
  });
});

const SECRET = 'a secret of 32 characters at least';
const CLAIMS = { sub: 'user|7', org_id: 'org_acme', iss: 'https://issuer.example/', aud: 'api' };

function sign(claims: object): string {
  const encode = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ ...claims, exp: Date.now() })}`;
  return `${body}.${createHmac('sha256', SECRET).update(body).digest('base64url')}`;
}

/** What is identified behind real middleware, of a request with a token. */
async function identifiedBehind(...middleware: RequestHandler[]): Promise<object> {
  const answerError: ErrorRequestHandler = (error: Error, _req, res, _next) => {
    res.status(500).json({ error: error.message });
  };
  const app = express()
    .use(...middleware)
    .get('/', (req, res) => void res.json(identifyByConvention(req)))
    .use(answerError);
  const answer = await request(app)
    .get('/')
    .set('Authorization', `Bearer ${sign(CLAIMS)}`);
  return answer.body as object;
}

// Untyped: their types add members to the requests of everybody.
interface Passport {
  Strategy: new () => { name: string; authenticate(): void; success(user: object): void };
  Passport: new () => {
    use(strategy: object): void;
    authenticate(name: string, options: object): RequestHandler;
  };
}

describe('real middleware', () => {
  it('is Passport', async () => {
    const { Strategy, Passport } = jest.requireActual<Passport>('passport');
    const strategy = new (class extends Strategy {
      override name = 'test';
      override authenticate(): void {
        this.success({ _id: 'user|7', org_id: 'org_acme' });
      }
    })();
    const passport = new Passport();
    passport.use(strategy);
    expect(await identifiedBehind(passport.authenticate('test', { session: false }))).toEqual({
      actor: 'user|7',
      tenantId: 'org_acme',
    });
  });

  it('is express-jwt', async () => {
    const { expressjwt } = jest.requireActual<{ expressjwt: (options: object) => RequestHandler }>(
      'express-jwt',
    );
    const options = { secret: SECRET, algorithms: ['HS256'] };
    expect(await identifiedBehind(expressjwt(options))).toEqual({ actor: 'user|7', tenantId: 'org_acme' });
  });

  it('is express-oauth2-jwt-bearer', async () => {
    const { auth } = jest.requireActual<{ auth: (options: object) => RequestHandler }>(
      'express-oauth2-jwt-bearer',
    );
    const { iss: issuer, aud: audience } = CLAIMS;
    const options = { secret: SECRET, tokenSigningAlg: 'HS256', issuer, audience };
    expect(await identifiedBehind(auth(options))).toEqual({ actor: 'user|7', tenantId: 'org_acme' });
  });
});
