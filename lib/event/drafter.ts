import { TENANT_ID_LENGTH } from './tenant-id';
import type { Sha256 } from '../crypto/ports';
import type { Draft } from '../chain/entry';
import type { Json } from '../chain/json';
import { type Complaints, isObject } from '../util/complaints';
import { AuditError, isAuditError } from '../errors';
import { omitUndefined } from '../util/omit-undefined';
import { quote } from '../util/quote';
import { SYSTEM_TENANT } from '../vocabulary';
import { mergeContext } from './context';
import { convert } from './convert';
import type { AuditEvent, Origin } from './event';
import { type Identifier, identifierText } from './identifier';
import { newId } from './id';
import { isoText } from './instant';
import { ReadingLimit } from './reading-limit';
import { cutText, limitSize, TEXT_LIMIT } from './size-limit';
import { type RedactOptions, type Secrets, createSecrets } from './secrets';
import { type Reference, EventFields } from './event-fields';

/** An event made ready to be stored, and what is not stored with it. */
export interface DraftedEvent {
  draft: Draft;
  /** Whether the caller gave `occurredAt`, which is then part of what an idempotent repeat must equal. */
  occurredAtGiven: boolean;
  /**
   * Whether `metadata` is not part of that: of a counted event that a killed process left, the entry may have been
   * recorded, and the segments with the later repetitions removed before those with the beginning.
   */
  partial?: boolean;
  /** Size in bytes, near enough to bound a queue. */
  bytes: number;
}

/** What decides how events become drafts. */
export interface DrafterOptions {
  defaultTenant?: string | undefined;
  /** The action names that the application may use; any when left out. */
  actions?: readonly string[] | undefined;
  redact?: RedactOptions | undefined;
  /** The clock, in milliseconds since 1970. */
  now: () => number;
  sha256: Sha256;
  /** Bytes of canonical JSON that each of `metadata`, `before` and `after` may have. */
  valueBytes: number;
}

/** Who says that something happened: only the ledger may use its own tenant and any action. */
export type Author = 'application' | 'ledger';

/**
 * Makes a draft of an event: checked, converted to JSON, redacted.
 * @throws AuditError `INVALID_EVENT` with every bad field, `TENANT_REQUIRED`.
 */
export interface Drafter {
  (event: AuditEvent, origin: Origin, author: Author): DraftedEvent;
  readonly secrets: Secrets;
}

/** What a document takes beside the caller's values, in bytes. */
const BASE_BYTES = 512;

const FIELDS = Object.keys({
  action: true,
  tenantId: true,
  actor: true,
  resource: true,
  outcome: true,
  metadata: true,
  before: true,
  after: true,
  occurredAt: true,
  id: true,
  context: true,
} satisfies Record<keyof AuditEvent, true>);

/** What the ledger says of itself; an export's record must equal what its file states. */
const STATEMENT = /^ledger\.|^audit\.export$/;

const ANONYMOUS: Reference = { id: 'anonymous', type: 'anonymous' };

export function createDrafter(options: DrafterOptions): Drafter {
  const applicationSecrets = createSecrets(options.redact);
  const statementSecrets = createSecrets();
  const draft = (event: AuditEvent, origin: Origin, author: Author): DraftedEvent => {
    // What the ledger states would be no statement any more if an application's own names or shapes hit it.
    const isStated = author === 'ledger' && STATEMENT.test(event.action);
    const secrets = isStated && event.action.startsWith('ledger.') ? statementSecrets : applicationSecrets;
    const valueSecrets = isStated ? statementSecrets : applicationSecrets;
    const shape = new EventFields(secrets);
    if (author === 'application') checkOwnership(shape, event, options.actions);
    const tenantId = resolveTenant(event, origin, options.defaultTenant);
    const draft = draftNames(shape, event, tenantId, event.actor === undefined ? origin.actor : event.actor);
    draft.occurredAt = isoText(shape.instant('occurredAt', event.occurredAt) ?? options.now());
    const givenContext = shape.context(event.context);
    assertSound(shape.complaints, tenantId);
    redactNames(draft, secrets);
    const context = mergeContext(origin.context ?? {}, givenContext, secrets);
    if (context) draft.context = context;
    const bytes = BASE_BYTES + addValues(draft, event, valueSecrets, options);
    return { draft, occurredAtGiven: event.occurredAt !== undefined, bytes };
  };
  const record = (event: AuditEvent, origin: Origin, author: Author): DraftedEvent => {
    assertEvent(event);
    try {
      return draft(event, origin, author);
    } catch (error) {
      throw isAuditError(error) ? error : unreadable(error);
    }
  };
  return Object.assign(record, { secrets: applicationSecrets });
}

/** A getter of the event's own threw; what is within `metadata`, `before` and `after` is only marked. */
function unreadable(cause: unknown): AuditError {
  const mend = 'give its members as plain values, see the cause';
  return new AuditError('INVALID_EVENT', `The event was not recorded: it cannot be read: ${mend}.`, {
    cause,
  });
}

function assertEvent(event: unknown): asserts event is AuditEvent {
  if (isObject(event)) return;
  throw new AuditError(
    'INVALID_EVENT',
    `An event must be an object such as { action: 'org.member.invite' }, got ${quote(event)}.`,
  );
}

function assertSound(complaints: Complaints, tenantId: unknown): void {
  const subject = 'The event was not recorded';
  if (tenantId === undefined) {
    const alone = complaints.isEmpty;
    complaints.missing('tenantId', 'give it, let `identify` find it in the request, or set `defaultTenant`');
    if (alone) complaints.assertNone('TENANT_REQUIRED', subject);
  }
  complaints.assertNone('INVALID_EVENT', subject);
}

function checkOwnership(
  shape: EventFields,
  { action, tenantId }: AuditEvent,
  actions: readonly string[] | undefined,
): void {
  if (isSystem(tenantId)) shape.complain('tenantId', `another than the ledger's own`, tenantId);
  if (typeof action !== 'string') return;
  if (action.startsWith('ledger.')) shape.complain('action', `another than the ledger's own`, action);
  else if (actions && !actions.includes(action))
    shape.complain('action', `one of ${actions.join(', ')}`, action);
}

function isSystem(tenantId: Identifier | undefined): boolean {
  return identifierText(tenantId) === SYSTEM_TENANT;
}

/** A request that says it belongs to the ledger itself has no tenant. */
function resolveTenant(event: AuditEvent, origin: Origin, defaultTenant: string | undefined): unknown {
  if (event.tenantId !== undefined) return event.tenantId;
  return origin.tenantId === undefined || isSystem(origin.tenantId) ? defaultTenant : origin.tenantId;
}

/** The members of a draft that name things, whole when the shape has no complaints. */
function draftNames(shape: EventFields, event: AuditEvent, tenantId: unknown, givenActor: unknown): Draft {
  shape.complaints.unknownFields(event, FIELDS);
  if ((event.action as unknown) === undefined) {
    shape.complaints.missing('action', 'say what happened, such as `org.member.invite`');
  }
  const actor = shape.actor(givenActor) ?? ANONYMOUS;
  const resource = shape.resource(event.resource);
  const named = {
    v: 1,
    tenantId: shape.key('tenantId', tenantId, TENANT_ID_LENGTH),
    id: shape.key('id', event.id, 128) ?? newId(),
    actor: actor.id,
    actorType: actor.type,
    actorName: actor.name,
    onBehalfOf: actor.onBehalfOf,
    action: shape.text('action', event.action, 1, 256),
    resource: resource?.id,
    resourceType: resource?.type,
    resourceName: resource?.name,
    outcome: shape.outcome(event.outcome) ?? 'success',
  };
  return omitUndefined(named) as object as Draft;
}

/** Members that hold names, and the characters that each may have. */
const NAMES = [
  ['actor', 256],
  ['actorName', TEXT_LIMIT],
  ['onBehalfOf', 256],
  ['action', 256],
  ['resource', TEXT_LIMIT],
  ['resourceType', TEXT_LIMIT],
  ['resourceName', TEXT_LIMIT],
] as const;

/** Names come from outside as well: an application that takes a token for its user's id must not store it. */
function redactNames(draft: Draft, secrets: Secrets): void {
  for (const [member, limit] of NAMES) {
    const text = draft[member];
    if (text === undefined) continue;
    const redacted = member === 'action' ? secrets.redactText(text) : secrets.redactMember(member, text);
    if (redacted !== text) draft[member] = cutText(redacted, limit);
  }
}

/** Adds the caller's values as JSON, and gives their size in bytes. */
function addValues(
  draft: Draft,
  event: AuditEvent,
  secrets: Secrets,
  { valueBytes, sha256 }: DrafterOptions,
): number {
  let bytes = 0;
  for (const member of ['metadata', 'before', 'after'] as const) {
    if (event[member] === undefined) continue;
    const reading = new ReadingLimit(valueBytes);
    const json = convert(event[member], member, secrets, reading);
    if (json === undefined || (member === 'metadata' && isEmpty(json))) continue;
    const limited = limitSize(json, valueBytes, sha256, reading);
    draft[member] = limited.json;
    bytes += limited.bytes;
  }
  return bytes;
}

function isEmpty(json: Json): boolean {
  return json === null || (typeof json === 'object' && Object.keys(json).length === 0);
}
