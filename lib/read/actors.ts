import type { Entry } from '../chain/entry';
import type { Store } from '../store/store';
import { omitUndefined } from '../util/omit-undefined';
import type { ActorType } from '../vocabulary';
import { readFields } from './fields';
import { WELL_FORMED, wholeNumberRule, WORDS } from './rules';

/** Which actors `listActors` gives. */
export interface ActorsQuery {
  tenantId: string;
  /** A part of the name or of the id, in upper or lower case; all do when left out. */
  text?: string | undefined;
  /** 1–100; 20 when left out. */
  limit?: number | undefined;
}

/** Somebody who is in the trail, as their newest entry names them. */
export interface KnownActor {
  id: string;
  name?: string;
  type?: ActorType;
}

const DEFAULT_LIMIT = 20;

/** How many of the newest entries are looked at. */
const RECENT = 1000;

export const ACTORS_RULES = {
  tenantId: WELL_FORMED,
  text: WORDS,
  limit: wholeNumberRule(100, DEFAULT_LIMIT),
};

/**
 * Who is in the newest entries of a tenant, by a part of the name or id, so that a name leads to the id that entries are
 * found by. Those on whose behalf somebody acted are among them. The newest come first.
 * @throws AuditError `INVALID_QUERY`.
 */
export async function listActors(query: ActorsQuery, store: Store): Promise<KnownActor[]> {
  const { tenantId, text = '', limit = DEFAULT_LIMIT } = readFields(query, ACTORS_RULES);
  const needle = text.trim().toLowerCase();
  const seq = { min: 1, max: Number.MAX_SAFE_INTEGER };
  const readings = await store.page({ tenantId, order: 'desc', limit: RECENT, seq });
  const known = new Map<string, KnownActor>();
  for (const { entry } of readings)
    for (const actor of entry ? actorsIn(entry) : []) {
      const before = known.get(actor.id);
      // Who was named once is not forgotten because of an entry without a name.
      if (!before || (before.name === undefined && actor.name !== undefined)) known.set(actor.id, actor);
    }
  const isMeant = ({ id, name = '' }: KnownActor) => `${name}\n${id}`.toLowerCase().includes(needle);
  return [...known.values()].filter(isMeant).slice(0, limit);
}

function actorsIn({ actor: id, actorName: name, actorType: type, onBehalfOf }: Entry): KnownActor[] {
  const actor = omitUndefined({ id, name, type }) as KnownActor;
  return onBehalfOf === undefined ? [actor] : [actor, { id: onBehalfOf }];
}
