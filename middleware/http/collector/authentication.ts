import { toCallerNetwork } from '../../../lib/event/caller-network';
import { mayHoldKey } from '../../../lib/keys/key-text';
import type { Ledger } from '../../../lib/ledger';
import { scopeOf } from '../../../lib/scope';
import type { Scope, StoredKey } from '../../../lib/store/key-store';
import { SYSTEM_TENANT } from '../../../lib/vocabulary';
import type { Asked } from '../api/asked';
import { Problem } from '../api/problem';
import { patiently, storeAway } from './store-away';

/** A key that was given, and by which of its secrets. */
export interface GivenKey {
  key: StoredKey;
  prefix: string;
}

const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i;

/** How the key of a request was refused. */
type Refusal =
  'missing' | 'in the URL' | 'unknown' | 'revoked' | 'expired' | 'not allowed' | 'too many requests';

/**
 * The key of a request. Whatever is wrong with it, the answer is one; what it was, the ledger's own chain tells, many
 * refusals in one entry.
 * @param route the pattern of the path
 * @throws Problem 401, 503
 */
export async function authenticate(ledger: Ledger, asked: Asked, route: string): Promise<GivenKey> {
  // What stands in a URL is in the logs of all that it has passed.
  if (mayHoldKey(asked.query) || mayHoldKey(asked.path)) return refuse(ledger, asked, route, 'in the URL');
  const [, text] = BEARER.exec(asked.header('authorization') ?? '') ?? [];
  if (text === undefined) return refuse(ledger, asked, route, 'missing');
  if (!ledger.isOpen) throw storeAway();
  const verdict = await patiently(ledger.keyCheck.check(text));
  return verdict.key ? verdict : refuse(ledger, asked, route, verdict.reason, verdict.id);
}

/** @throws Problem 403 */
export function assertScope({ key }: GivenKey, scope: Scope): void {
  if (!key.scopes.includes(scope)) throw forbidden();
}

/** For a scope and for a tenant that a key does not have, whether or not there is such a tenant. */
export function forbidden(members?: object): Problem {
  return new Problem(403, 'This key may not do that: see /keys/me.', undefined, members && { members });
}

function refuse(ledger: Ledger, asked: Asked, route: string, reason: Refusal, id?: string): never {
  noteRefusal(ledger, asked, route, reason, id);
  const detail = 'Give a valid key as `Authorization: Bearer …`, and never in a URL.';
  throw new Problem(401, detail, undefined, { headers: { 'WWW-Authenticate': 'Bearer' } });
}

/** Tells of a refusal in the ledger's own chain: of wrong keys it is nobody's, and no tenant is to be told of another's. */
export function noteRefusal(ledger: Ledger, asked: Asked, route: string, reason: Refusal, id?: string): void {
  const { address } = asked;
  const action = 'ledger.key.refused';
  const network = toCallerNetwork(address ?? '');
  const context = { ipAddress: address, userAgent: asked.header('user-agent'), method: asked.method, route };
  const resource = id === undefined ? undefined : { id, type: 'api-key' };
  ledger.captured.fold(
    { tenantId: SYSTEM_TENANT, action, actor: id ?? '', network, route },
    { action, outcome: 'denied', resource, metadata: { reason } },
    scopeOf({ context }),
  );
}
