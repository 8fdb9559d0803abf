import type { Draft } from '../chain/entry';
import type { Sha256 } from '../crypto/ports';
import { AuditError } from '../errors';
import { ACTOR_TYPES, LEDGER_ACTOR, SYSTEM_TENANT } from '../vocabulary';
import { limitContext } from './context';
import { parseDraft } from './draft-json';
import { type DraftedEvent, ID_LIMIT, limitNames } from './drafter';
import { ACTION_LIMIT } from './event-fields';
import { firstCodePoints, isLongerThan } from './size-limit';
import { utf8Length } from '../util/utf8';
import { isTenantId } from './tenant-id';

/** Bytes of canonical JSON that a value of an event may have, whatever `limits.valueBytes` of its writer was. */
const VALUE_BYTES = 512 * 1024;

/** Code points that are kept of a larger one. */
const PREVIEW = 1024;

/**
 * The event of a text that lay where others can write.
 * @throws AuditError `UNREADABLE` for what no ledger has written.
 */
export function readKeptDraft(text: string, sha256: Sha256): DraftedEvent {
  return limitKept(parseDraft(text), sha256);
}

/**
 * An event that lay where others can write, in the outbox or in the spool: checked and cut like any other. What a ledger
 * wrote comes back as it was.
 * @throws AuditError `UNREADABLE` for what no ledger has written.
 */
export function limitKept({ draft: { ...draft }, ...kept }: DraftedEvent, sha256: Sha256): DraftedEvent {
  assertNamed(draft);
  if (endsCut(draft)) limitNames(draft, { sha256 });
  if (draft.context) draft.context = limitContext(draft.context);
  if (kept.bytes > VALUE_BYTES) limitValues(draft); // else all of it is no larger
  return { ...kept, draft };
}

/** By the text of JSON, since that of a hostile value takes seconds to be made canonical. */
function limitValues(draft: Draft): void {
  for (const member of ['metadata', 'before', 'after'] as const) {
    const value = draft[member];
    if (value === undefined) continue;
    const text = JSON.stringify(value);
    const bytes = utf8Length(text);
    if (bytes <= VALUE_BYTES) continue;
    draft[member] = { truncated: true, bytes, atLeast: true, preview: firstCodePoints(text, PREVIEW) };
  }
}

/** Whether a draft speaks for the ledger: it names what only the ledger may name. */
export function isOfLedger({ tenantId, action, via }: Draft, isOutbox: boolean): boolean {
  return tenantId === SYSTEM_TENANT || action.startsWith('ledger.') || (isOutbox && via !== undefined);
}

/** What the ledger records in its own chain of requests whose tenant nobody knows: anybody can cause it. */
const CAPTURED = /^(auth\.unauthorized_access|security\.rate_limited|data\.export|http\.request)$/;

/** What becomes of the ledger's own statements that a process has left in the spool. */
export const RECOVERED_ACTION = 'ledger.recovered';

/**
 * What is recorded of an event that lay in the spool. One that speaks for the ledger is told of as one that lay there: it
 * may be what a killed process had to say, or what somebody has put there.
 */
export function withoutAuthority(drafted: DraftedEvent): DraftedEvent {
  const { draft } = drafted;
  const { v, tenantId, id, occurredAt, outcome } = draft;
  if (!isOfLedger(draft, false)) return drafted;
  if (tenantId === SYSTEM_TENANT && CAPTURED.test(draft.action)) return drafted;
  const { action, actor, resource, metadata } = draft;
  const told = { source: 'spool', action, actor, ...(resource !== undefined && { resource }) };
  const values = metadata === undefined ? told : { ...told, metadata };
  const { id: ledger, type } = LEDGER_ACTOR;
  const marked: Draft = {
    v,
    tenantId,
    id,
    occurredAt,
    actor: ledger,
    actorType: type,
    action: RECOVERED_ACTION,
    outcome,
  };
  return { ...drafted, draft: { ...marked, metadata: values } };
}

function assertNamed({ tenantId, id, action, actorType, commitments }: Draft): void {
  const isId = id !== '' && !isLongerThan(id, ID_LIMIT) && !id.includes('\0');
  const isAction = action !== '' && !isLongerThan(action, ACTION_LIMIT);
  const isType = actorType === undefined || ACTOR_TYPES.includes(actorType);
  if (isTenantId(tenantId) && isId && isAction && isType && commitments === undefined) return;
  throw new AuditError(
    'UNREADABLE',
    'An event that was kept cannot be read: it has names that no event has.',
  );
}

/** Ids that were cut end in a digest, and must not be cut anew. */
function endsCut({ actor, onBehalfOf = '', resource = '', ...draft }: Draft): boolean {
  const others = [draft.actorName, draft.resourceType, draft.resourceName];
  return (
    [actor, onBehalfOf].some((text) => isLongerThan(text, 256)) ||
    [resource, ...others].some((text) => text !== undefined && isLongerThan(text, 1024))
  );
}
