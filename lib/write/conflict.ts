import type { JsonObject } from '../chain/json';
import type { Draft } from '../chain/entry';
import type { AuditError } from '../errors';
import { sha256 } from '../crypto/node';
import type { DraftedEvent } from '../event/drafter';
import { newId } from '../event/id';
import { limitSize } from '../event/size-limit';

/** The action of an entry that stands for an event whose id was taken. */
export const CONFLICT_ACTION = 'ledger.id_conflict';

/** Bytes of canonical JSON that such an entry tells of the event, at most. */
const VALUE_BYTES = 65_536;

/** What a document takes beside its values, in bytes. */
const BASE_BYTES = 512;

/** Whether an event was refused for good though nothing is wrong with it: somebody has taken its id. */
export function isIdConflict({ code }: AuditError): boolean {
  return code === 'ID_CONFLICT' || code === 'ENTRY_ALTERED';
}

/** The entry of one event: who tried it is its actor, what it said is its metadata. */
export function conflictOf({ draft }: DraftedEvent): DraftedEvent {
  const { id, action, outcome, occurredAt, metadata, before, after, ...named } = draft;
  const tried: JsonObject = { id, action, outcome };
  for (const [name, value] of Object.entries({ metadata, before, after }))
    if (value !== undefined) tried[name] = value;
  const { json, bytes } = limitSize(tried, VALUE_BYTES, sha256);
  return drafted(
    { ...named, id: newId(), occurredAt, action: CONFLICT_ACTION, outcome: 'failure', metadata: json },
    bytes,
  );
}

/** The entry of all those of a tenant, by whomever. */
export function conflictOfMany({ draft: { v, tenantId, occurredAt } }: DraftedEvent): DraftedEvent {
  const actor = { actor: 'various', actorType: 'anonymous' } as const;
  return drafted(
    { v, tenantId, id: newId(), occurredAt, ...actor, action: CONFLICT_ACTION, outcome: 'failure' },
    0,
  );
}

function drafted(draft: Draft, bytes: number): DraftedEvent {
  return { draft, occurredAtGiven: true, bytes: BASE_BYTES + bytes };
}
