import { TENANT_ID_LENGTH } from './tenant-id';
import type { Sha256 } from '../crypto/ports';
import type { Draft } from '../chain/entry';
import type { Json } from '../chain/json';
import { type Complaints, isObject } from '../util/complaints';
import { AuditError, isAuditError } from '../errors';
import { omitUndefined } from '../util/omit-undefined';
import { quote } from '../util/quote';
import { utf8Length } from '../util/utf8';
import { SYSTEM_TENANT } from '../vocabulary';
import { mergeContext } from './context';
import { convert } from './convert';
import type { AuditEvent, Origin } from './event';
import { identifierText } from './identifier';
import { newId } from './id';
import { isoText } from './instant';
import { ReadingLimit } from './reading-limit';
import { ACTOR_LIMIT, cutText, isLongerThan, limitId, limitSize, TEXT_LIMIT } from './size-limit';
import { type RedactOptions, type Secrets, createSecrets } from './secrets';
import { ACTION_LIMIT, EventFields, isAbsent } from './event-fields';
import { Names } from './names';

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
  /** Whether ids that an entry would hold cut, with a digest, stay whole as far as possible: another drafter cuts them. */
  keepsLongIds?: boolean;
}

/** Who says that something happened: only the ledger may use its own tenant and any action. */
export type Author = 'application' | 'ledger' | ByKey;

/** Somebody outside, through an API key. */
export interface ByKey {
  /** The key's id. */
  readonly via: string;
}

/**
 * Makes a draft of an event: checked, converted to JSON, redacted. What comes with a request, and all that an application
 * may pass on from its users, is taken, cut and converted; only a mistake of the programmer's is refused.
 * @throws AuditError `INVALID_EVENT` with every bad field, `TENANT_REQUIRED`.
 */
export interface Drafter {
  (event: AuditEvent, origin: Origin, author: Author): DraftedEvent;
  readonly secrets: Secrets;
  readonly names: Names;
}

/** What a document takes beside the caller's values, in bytes. */
const BASE_BYTES = 512;

/** Who did what nobody is known to have done, and what type they are of. */
const ANONYMOUS = 'anonymous';

/** The members of an event. */
export const EVENT_MEMBERS: readonly string[] = Object.keys({
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

/** Characters that the id of an event may have. */
export const ID_LIMIT = 128;

/** Characters of an id that is sent to another drafter: cut twice, it would end in the digest of a digest. */
const SENT_ID_LIMIT = 4096;

/** What the ledger says of itself; an export's record must equal what its file states. */
const STATEMENT = /^ledger\.|^audit\.export$/;

/** Statements that prove something by each of their characters: nothing in them is converted, redacted or cut. */
const FIXED = /^ledger\.(checkpoint|reopened)$|^audit\.export$/;

export function createDrafter(options: DrafterOptions): Drafter {
  const applicationSecrets = createSecrets(options.redact);
  const statementSecrets = options.redact ? createSecrets() : applicationSecrets;
  const names = new Names(applicationSecrets, options.sha256);
  const draft = (event: AuditEvent, origin: Origin, author: Author): DraftedEvent => {
    // What the ledger states would be no statement any more if an application's own names or shapes hit it.
    const isStated = author === 'ledger' && STATEMENT.test(event.action);
    const secrets = isStated && event.action.startsWith('ledger.') ? statementSecrets : applicationSecrets;
    const valueSecrets = isStated ? statementSecrets : applicationSecrets;
    const shape = new EventFields(secrets);
    if (author !== 'ledger') checkOwnership(shape, event, options.actions);
    const { draft, tenantId } = draftNames(shape, names, event, origin, options);
    assertSound(shape.complaints, tenantId);
    redactNames(draft, secrets);
    limitNames(draft, options);
    const context = mergeContext(origin.context ?? {}, event.context, secrets);
    if (context) draft.context = context;
    if (typeof author === 'object') draft.via = author.via;
    const isFixed = author === 'ledger' && FIXED.test(event.action);
    const values = isFixed
      ? addStatement(draft, event.metadata)
      : addValues(draft, event, valueSecrets, options);
    const bytes = BASE_BYTES + values;
    return { draft, occurredAtGiven: !isAbsent(event.occurredAt), bytes };
  };
  const record = (event: AuditEvent, origin: Origin, author: Author): DraftedEvent => {
    assertEvent(event);
    try {
      return draft(event, origin, author);
    } catch (error) {
      throw isAuditError(error) ? error : unreadable(error);
    }
  };
  return Object.assign(record, { secrets: applicationSecrets, names });
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
    complaints.missing(
      'tenantId',
      'give it, let `identify` find it in the request, or set `defaultTenant`; after a response, and outside of ' +
        'requests, give it, or use `req.audit` or `runAs`',
    );
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

function isSystem(tenantId: unknown): boolean {
  return identifierText(tenantId) === SYSTEM_TENANT;
}

/** The tenant of an event that names none. A request that says it belongs to the ledger itself has no tenant. */
function resolveTenant(origin: Origin, names: Names, defaultTenant: string | undefined): string | undefined {
  const { tenantId } = origin;
  if (isAbsent(tenantId) || isSystem(tenantId)) return defaultTenant;
  return (names.isTenantId(tenantId) ? tenantId : names.tenantId(tenantId)) ?? defaultTenant;
}

/** The members of a draft that name things, whole when the shape has no complaints, and uncut. */
function draftNames(
  shape: EventFields,
  names: Names,
  event: AuditEvent,
  origin: Origin,
  { defaultTenant, now }: DrafterOptions,
): { draft: Draft; tenantId: unknown } {
  shape.complaints.unknownFields(event, EVENT_MEMBERS, '', 'put it into `metadata`');
  const tenantId = event.tenantId ?? resolveTenant(origin, names, defaultTenant);
  const actor = names.actor(event.actor) ?? names.actor(origin.actor);
  const resource = names.resource(event.resource);
  const named = {
    v: 1,
    tenantId: shape.key('tenantId', tenantId, TENANT_ID_LENGTH),
    id: shape.key('id', event.id, ID_LIMIT) ?? newId(),
    actor: actor?.id ?? ANONYMOUS,
    actorType: actor?.id === undefined ? ANONYMOUS : actor.type,
    actorName: actor?.name,
    onBehalfOf: actor?.onBehalfOf,
    action: shape.action(event.action),
    resource: resource?.id,
    resourceType: resource?.type,
    resourceName: resource?.name,
    outcome: shape.outcome(event.outcome) ?? 'success',
    occurredAt: isoText(shape.instant('occurredAt', event.occurredAt) ?? now()),
  };
  return { draft: omitUndefined(named) as object as Draft, tenantId };
}

/** Members that name things. */
const NAMES = ['actor', 'actorName', 'onBehalfOf', 'resource', 'resourceType', 'resourceName'] as const;

/** Names come from outside as well: an application that takes a token for its user's id must not store it. */
function redactNames(draft: Draft, secrets: Secrets): void {
  draft.action = cutText(secrets.redactText(draft.action), ACTION_LIMIT);
  for (const member of NAMES) {
    const text = draft[member];
    if (text === undefined) continue;
    const redacted = secrets.redactMember(member, text);
    if (!text.startsWith(redacted)) draft[member] = redacted; // of a long text without secrets, it is the beginning
  }
}

/** Cuts what is too long: after redaction, so that no part of a secret is left. */
export function limitNames(
  draft: Draft,
  { sha256, keepsLongIds = false }: Pick<DrafterOptions, 'sha256' | 'keepsLongIds'>,
): void {
  const limit = (id: string, max: number) =>
    keepsLongIds && !isLongerThan(id, SENT_ID_LIMIT) ? id : limitId(id, max, sha256);
  draft.actor = limit(draft.actor, ACTOR_LIMIT);
  if (draft.onBehalfOf !== undefined) draft.onBehalfOf = limit(draft.onBehalfOf, ACTOR_LIMIT);
  if (draft.resource !== undefined) draft.resource = limit(draft.resource, TEXT_LIMIT);
  for (const member of ['actorName', 'resourceType', 'resourceName'] as const) {
    const text = draft[member];
    if (text !== undefined) draft[member] = cutText(text.toWellFormed(), TEXT_LIMIT);
  }
}

/** Adds what the ledger states, as it is, and gives its size in bytes. */
function addStatement(draft: Draft, metadata: AuditEvent['metadata']): number {
  if (isAbsent(metadata)) return 0;
  const text = JSON.stringify(metadata);
  draft.metadata = JSON.parse(text) as Json;
  return utf8Length(text);
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
