import type { Request } from 'express';
import { isObject } from '../../lib/util/complaints';
import { quote } from '../../lib/util/quote';
import type { Actor } from '../../lib/event/event';
import { type Identifier, identifierText } from '../../lib/event/identifier';
import { SYSTEM_TENANT } from '../../lib/vocabulary';

/** The user or client that sent a request. */
export interface Identity {
  actor?: Identifier | Actor | undefined;
  tenantId?: Identifier | undefined;
}

/** An identity whose tenant is a string. */
export interface KnownIdentity extends Identity {
  tenantId?: string | undefined;
}

/** Reads the identity from a request. Called when an event is recorded, so after authentication middleware. */
export type Identify = (req: Request) => Identity;

const TENANT_NAMES = ['tenantId', 'orgId', 'organizationId'];
const ACTOR_NAMES = ['id', '_id', 'sub', 'userId'];

/** Not `id`: the id of a session is the secret in its cookie. */
const SESSION_ACTOR_NAMES = ['sub', 'userId'];

/** Reads the identity from where common authentication middleware puts it: `req.auth`, `req.user`, `req.session`. */
export const identifyByConvention: Identify = (req) => {
  const { auth, user, session } = req as { auth?: unknown; user?: unknown; session?: unknown };
  return {
    actor: findFirst([auth, user], ACTOR_NAMES) ?? findFirst([session], SESSION_ACTOR_NAMES),
    tenantId: findFirst([auth, user, session], TENANT_NAMES),
  };
};

/**
 * Checks the result of `identify`. An empty actor counts as none, and so does the tenant of the ledger itself.
 * @throws TypeError for a promise, and for actors or tenants of other types.
 */
export function readIdentity(identify: Identify, req: Request): KnownIdentity {
  const { actor, tenantId } = assertIdentity(identify(req));
  const tenant = assertIdentifier('tenantId', tenantId);
  return {
    actor: assertIdentifier('actor', isActor(actor) ? actor.id : actor) === undefined ? undefined : actor,
    tenantId: tenant === SYSTEM_TENANT ? undefined : tenant,
  };
}

function assertIdentity(identity: unknown): Identity {
  if (identity === undefined || identity === null) return {};
  if (isObject(identity) && typeof identity['then'] !== 'function') return identity;
  if (identity instanceof Promise) identity.catch(() => undefined); // prevents an unhandled rejection; the error below is reported
  const got = isObject(identity) ? 'a promise' : quote(identity);
  throw new TypeError(`\`identify\` must return { actor, tenantId } at once, got ${got}`);
}

export function isActor(actor: Identity['actor']): actor is Actor {
  return isObject(actor) && identifierText(actor) === actor;
}

function assertIdentifier(member: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === false || value === '') return undefined;
  const text = identifierText(value);
  if (typeof text === 'string') return text;
  throw new TypeError(
    `\`${member}\` of \`identify\` must be a string, number or ObjectId, got ${quote(value)}`,
  );
}

function findFirst(sources: unknown[], names: string[]): Identifier | undefined {
  for (const source of sources) {
    if (typeof source !== 'object' || source === null) continue;
    for (const name of names) {
      const text = identifierText((source as Record<string, unknown>)[name]);
      if (typeof text === 'string' && text !== '') return text;
    }
  }
  return undefined;
}
