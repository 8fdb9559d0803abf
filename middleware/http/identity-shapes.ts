import { identifierText } from '../../lib/event/identifier';
import { USER_ID_NAMES } from '../../lib/event/names';
import { readMember } from '../../lib/event/text-of';
import { isPromise } from './promise';

/** Where authentication middleware leaves a user: the first counts that has an id, docs/reference/middleware.md#identity. */
const USERS = [
  'auth',
  'auth.payload',
  'auth.user',
  'user',
  'user.claims',
  'oidc.user',
  'userContext.userinfo',
  'kauth.grant.access_token.content',
  'session.user',
  'session.passport.user',
].map((path) => path.split('.'));

/** Not their `id`: that of a session is the secret in its cookie. */
const SESSIONS = ['session', 'session.session'].map((path) => path.split('.'));
const SESSION_USER_NAMES = USER_ID_NAMES.filter((name) => name !== 'id' && name !== '_id');

const TENANT_NAMES = [
  'tenantId',
  'orgId',
  'organizationId',
  'tenant_id',
  'org_id',
  'organization_id',
  'activeOrganizationId',
];

/** Members that may hold a whole tenant. Not a text: it is a name, which users may have typed themselves. */
const WHOLE_TENANT_NAMES = ['tenant', 'organization', 'org'];

/** What an identity is read from by convention. */
export interface ConventionalIdentity {
  actor: string | undefined;
  tenantId: string | undefined;
}

/** Reads the identity from where common authentication middleware puts it. Ids alone: names are for `identify` to give. */
export function identifyByConvention(req: object): ConventionalIdentity {
  const roots = rootsOf(req);
  let actor: string | undefined;
  let tenantId: string | undefined;
  for (const path of USERS) {
    const user = follow(roots, path);
    if (user === undefined) continue;
    actor ??= userId(user, path);
    tenantId ??= findTenant(user);
    if (actor !== undefined && tenantId !== undefined) return { actor, tenantId };
  }
  for (const path of SESSIONS) {
    const session = follow(roots, path);
    actor ??= findId(session, SESSION_USER_NAMES);
    tenantId ??= findTenant(session);
  }
  return { actor, tenantId };
}

/** The same from several holders: of what one does not tell, the next is asked. */
export function identifyAmong(holders: readonly object[]): ConventionalIdentity {
  let found: ConventionalIdentity = { actor: undefined, tenantId: undefined };
  for (const holder of holders) {
    if (found.actor !== undefined && found.tenantId !== undefined) return found;
    const { actor, tenantId } = identifyByConvention(holder);
    found = { actor: found.actor ?? actor, tenantId: found.tenantId ?? tenantId };
  }
  return found;
}

/** What paths begin with, read once. */
function rootsOf(req: object): object {
  return {
    auth: readAuth(req),
    user: readMember(req, 'user'),
    oidc: readMember(req, 'oidc'),
    userContext: readMember(req, 'userContext'),
    kauth: readMember(req, 'kauth'),
    session: readMember(req, 'session'),
  };
}

/** Clerk's `req.auth` is a function that gives the user, and throws without Clerk's middleware. */
function readAuth(req: object): unknown {
  const auth = readMember(req, 'auth');
  if (typeof auth !== 'function') return auth;
  try {
    const user: unknown = Reflect.apply(auth, req, []);
    return isPromise(user) ? undefined : user;
  } catch {
    return undefined;
  }
}

/** What is at a path of members; undefined where there is nothing. */
function follow(roots: object, path: readonly string[]): unknown {
  let value: unknown = roots;
  for (const name of path) {
    value = readMember(value, name);
    if (value === undefined || value === null) return undefined;
  }
  return value;
}

/** Sessions may hold a user's id alone. */
function userId(user: unknown, path: readonly string[]): string | undefined {
  return (path[0] === 'session' ? idText(user) : undefined) ?? findId(user, USER_ID_NAMES);
}

function findTenant(source: unknown): string | undefined {
  const id = findId(source, TENANT_NAMES);
  if (id !== undefined) return id;
  for (const name of WHOLE_TENANT_NAMES) {
    const tenant = readMember(source, name);
    const id = (typeof tenant === 'object' ? idText(tenant) : undefined) ?? findId(tenant, ['id', '_id']);
    if (id !== undefined) return id;
  }
  return undefined;
}

function findId(source: unknown, names: readonly string[]): string | undefined {
  for (const name of names) {
    const id = idText(readMember(source, name));
    if (id !== undefined) return id;
  }
  return undefined;
}

function idText(value: unknown): string | undefined {
  const text = identifierText(value);
  return typeof text === 'string' && text !== '' ? text : undefined;
}
