import { isAuditError } from '../../../lib/errors';
import type { DraftedEvent } from '../../../lib/event/drafter';
import type { AuditEvent } from '../../../lib/event/event';
import { coversTenant, onlyTenant } from '../../../lib/keys/key-tenants';
import type { Ledger } from '../../../lib/ledger';
import { isObject } from '../../../lib/util/complaints';
import type { StoredKey } from '../../../lib/store/key-store';
import { Problem } from '../api/problem';
import { forbidden } from './authentication';
import { tooLarge } from './collected';

/** Bounds of one request. */
export interface RequestLimits {
  /** Bytes of a body, also once it is decompressed. */
  bytes: number;
  events: number;
}

/** The events of a request, checked: all of them, or none is taken. */
export interface SentEvents {
  drafts: DraftedEvent[];
  /** Whether they were sent as `{ events: […] }`. */
  areMany: boolean;
}

/**
 * Reads the events of a body.
 * @param idempotencyKey the header: the id of a single event that has none
 * @throws Problem 400 with what is wrong with each, 403, 413
 */
export function readEvents(
  ledger: Ledger,
  key: StoredKey,
  body: unknown,
  idempotencyKey: string | undefined,
  limits: RequestLimits,
): SentEvents {
  if (!isObject(body)) throw new Problem(400, 'Send an event, or { "events": [ … ] }.');
  if (!('events' in body))
    return { drafts: [readOne(ledger, key, withId(body, idempotencyKey))], areMany: false };
  const { events, stamped = [], ...others } = body;
  if (!Array.isArray(events) || events.length === 0 || Object.keys(others).length > 0)
    throw new Problem(400, 'Send { "events": [ … ] } with one event at least, and nothing beside it.');
  if (!Array.isArray(stamped)) throw new Problem(400, '`stamped` must be indexes of `events`.');
  if (idempotencyKey !== undefined)
    throw new Problem(400, '`Idempotency-Key` is for a single event: give each of several an `id`.');
  if (events.length > limits.events) throw tooLarge(limits.bytes, limits.events);
  return { drafts: markStamped(readMany(ledger, key, events), stamped), areMany: true };
}

function readOne(ledger: Ledger, key: StoredKey, event: unknown): DraftedEvent {
  const read = tryDraft(ledger, key, event);
  if ('problem' in read) throw read.problem;
  return read;
}

function readMany(ledger: Ledger, key: StoredKey, events: readonly unknown[]): DraftedEvent[] {
  const drafts: DraftedEvent[] = [];
  const errors: object[] = [];
  let worst = 0;
  for (const [index, event] of events.entries()) {
    const read = tryDraft(ledger, key, event);
    if (!('problem' in read)) {
      drafts.push(read);
      continue;
    }
    const { status, code = 'FORBIDDEN', message: detail } = read.problem;
    errors.push({ index, code, detail });
    worst = Math.max(worst, status);
  }
  if (worst === 403) throw forbidden({ errors });
  if (worst > 0)
    throw new Problem(400, 'Nothing was recorded: see `errors`.', 'INVALID_EVENT', { members: { errors } });
  return drafts;
}

/**
 * Of these, `occurredAt` is when the application called its client, not what it says of the event: a repetition of the call
 * has another, and is the same event, as it is in the process of a ledger.
 */
function markStamped(drafts: DraftedEvent[], stamped: readonly unknown[]): DraftedEvent[] {
  const indexes = new Set(stamped);
  return drafts.map((drafted, i) => (indexes.has(i) ? { ...drafted, occurredAtGiven: false } : drafted));
}

/** Of the tenant that is stored it is asked whether the key has it, not of what was sent. */
function tryDraft(ledger: Ledger, key: StoredKey, event: unknown): DraftedEvent | { problem: Problem } {
  try {
    const drafted = ledger.draftFor({ via: key.id }, event as AuditEvent, {
      tenantId: onlyTenant(key.tenants),
    });
    return coversTenant(key.tenants, drafted.draft.tenantId) ? drafted : { problem: forbidden() };
  } catch (error) {
    if (!isAuditError(error)) throw error;
    return { problem: new Problem(400, error.message, error.code) };
  }
}

function withId(event: Record<string, unknown>, idempotencyKey: string | undefined): object {
  if (idempotencyKey === undefined) return event;
  const { id } = event;
  if (id !== undefined && id !== null && id !== idempotencyKey)
    throw new Problem(400, '`Idempotency-Key` and the `id` of the event differ: give one of them.');
  return { ...event, id: idempotencyKey };
}
