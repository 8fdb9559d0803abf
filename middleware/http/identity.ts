import { isObject } from '../../lib/util/complaints';
import { quote } from '../../lib/util/quote';
import type { Ledger } from '../../lib/ledger';
import type { Actor, AuditEvent } from '../../lib/event/event';
import { type Identifier, identifierText } from '../../lib/event/identifier';
import { SYSTEM_TENANT } from '../../lib/vocabulary';
import { isPromise } from './promise';

export { type ConventionalIdentity, identifyAmong, identifyByConvention } from './identity-shapes';

/** The user or client that sent a request. */
export interface Identity {
  /** Also a whole user: the members that an `Actor` has are taken, the rest is left. */
  actor?: AuditEvent['actor'];
  /** Also a whole tenant, which its id stands for. */
  tenantId?: Identifier | { id: Identifier } | { _id: unknown } | null | undefined;
}

/** An identity as it is recorded: both can be told from others as they are. */
export interface KnownIdentity {
  actor?: string | Actor | undefined;
  tenantId?: string | undefined;
}

/** Reads the identity from a request. Called when an event is recorded, so after authentication middleware. */
export type Identify<Source = never> = (req: Source) => Identity | null | undefined;

/**
 * Reads what `identify` gives. Users may choose parts of it, so nothing in it is refused: an actor that names nobody
 * counts as none, and so does a tenant that is none, which is reported, and that of the ledger itself.
 * @throws TypeError for what is no object, such as a promise; and what `identify` throws.
 */
export function readIdentity(
  identify: Identify,
  source: object,
  ledger: Pick<Ledger, 'names' | 'report'>,
): KnownIdentity {
  const { actor, tenantId } = assertIdentity(identify(source as never));
  return { actor: readActor(actor, ledger), tenantId: readTenant(tenantId, ledger) };
}

function assertIdentity(identity: unknown): Identity {
  if (identity === undefined || identity === null) return {};
  if (isObject(identity) && !isPromise(identity)) return identity;
  const got = isObject(identity) ? 'a promise' : quote(identity);
  throw new TypeError(`\`identify\` must return { actor, tenantId } at once, got ${got}`);
}

function readActor(actor: unknown, { names }: Pick<Ledger, 'names'>): KnownIdentity['actor'] {
  if (typeof actor === 'string') return actor || undefined;
  const read = names.actor(actor);
  if (read?.id === undefined) return undefined;
  const isBare = read.type === undefined && read.name === undefined && read.onBehalfOf === undefined;
  return isBare ? read.id : (read as Actor);
}

/** An object without an id could become the tenant of others that look alike, so it is none. */
function readTenant(tenantId: unknown, ledger: Pick<Ledger, 'names' | 'report'>): string | undefined {
  const text = ledger.names.tenantId(tenantId);
  if (text === undefined && tenantId) {
    const mend = 'give a string, a number, an ObjectId, or an object with such an `id`';
    ledger.report(new Error(`\`tenantId\` of \`identify\` counts as none, got ${shown(tenantId)}: ${mend}`));
  }
  return text === SYSTEM_TENANT ? undefined : text;
}

function shown(value: unknown): string {
  return typeof value === 'object' ? 'an object without an id' : quote(value);
}

export function isActor(actor: Identity['actor']): actor is Actor {
  return isObject(actor) && identifierText(actor) === actor;
}

/** Different for different actors, and with the one they act for; empty for nobody. */
export function actorKey(actor: Identity['actor']): string {
  if (actor === undefined) return '';
  const { id, type, onBehalfOf } = isActor(actor) ? actor : { id: actor };
  const texts = [id, type, onBehalfOf].map(identifierText);
  return JSON.stringify(texts.map((text) => (typeof text === 'string' ? text : null)));
}
