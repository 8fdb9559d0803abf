import type { Request } from 'express';
import type { Actor } from '../lib/record/event';
import { type Identifier, identifierText } from '../lib/record/identifier';

/** Who a request comes from. */
export interface Identity {
  actor?: Identifier | Actor | undefined;
  tenantId?: Identifier | undefined;
}

/** Reads the identity out of a request; called when an event is recorded, after authentication had its chance. */
export type Identify = (req: Request) => Identity;

const TENANT_NAMES = ['tenantId', 'orgId', 'organizationId'];
const ACTOR_NAMES = ['id', '_id', 'sub', 'userId'];

/** Not `id`: a session's own id is the secret that its cookie holds. */
const SESSION_ACTOR_NAMES = ['sub', 'userId'];

/** Finds the identity where common authentication middleware leaves it: `req.auth`, `req.user`, `req.session`. */
export const identifyByConvention: Identify = (req) => {
  const { auth, user, session } = req as { auth?: unknown; user?: unknown; session?: unknown };
  return {
    actor: first([auth, user], ACTOR_NAMES) ?? first([session], SESSION_ACTOR_NAMES),
    tenantId: first([auth, user, session], TENANT_NAMES),
  };
};

function first(sources: unknown[], names: string[]): Identifier | undefined {
  for (const source of sources) {
    if (typeof source !== 'object' || source === null) continue;
    for (const name of names) {
      const text = identifierText((source as Record<string, unknown>)[name]);
      if (typeof text === 'string' && text !== '') return text;
    }
  }
  return undefined;
}
