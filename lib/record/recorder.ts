import { uuidv7 } from 'uuidv7';
import type { Draft, Json } from '../chain/entry';
import { type Complaints, isObject } from '../complaints';
import { AuditError } from '../errors';
import { present } from '../present';
import { quote } from '../quote';
import { SYSTEM_TENANT } from '../vocabulary';
import { contextOf } from './context';
import { convert } from './convert';
import type { AuditEvent, Origin } from './event';
import { limit } from './limit';
import { REDACTED, type RedactOptions, type Secrets, secretsOf } from './secrets';
import { type Reference, Shape } from './shape';

/** An event made ready to be stored, and what is not stored with it. */
export interface DraftedEvent {
  draft: Draft;
  /** Whether the caller gave `occurredAt`, which is then part of what an idempotent repeat must equal. */
  occurredAtGiven: boolean;
  /** Size in bytes, near enough to bound a queue. */
  bytes: number;
}

/** What decides how events become drafts. */
export interface RecorderOptions {
  defaultTenant?: string | undefined;
  /** The action names that the application may use; any when left out. */
  actions?: readonly string[] | undefined;
  redact?: RedactOptions | undefined;
  /** The clock, in milliseconds since 1970. */
  now: () => number;
  /** Bytes of canonical JSON that each of `metadata`, `before` and `after` may have. */
  valueBytes: number;
}

/** Who says that something happened: only the ledger may use its own tenant and any action. */
export type Author = 'application' | 'ledger';

/**
 * Makes a draft of an event: checked, converted to JSON, redacted.
 * @throws AuditError `INVALID_EVENT` with every bad field, `TENANT_REQUIRED`.
 */
export interface Recorder {
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

const ANONYMOUS: Reference = { id: 'anonymous', type: 'anonymous' };

export function createRecorder(options: RecorderOptions): Recorder {
  const secrets = secretsOf(options.redact);
  const record = (event: AuditEvent, origin: Origin, author: Author): DraftedEvent => {
    assertEvent(event);
    const shape = new Shape(secrets);
    if (author === 'application') checkOwnership(shape, event, options.actions);
    const complete = withOrigin(event, origin, options.defaultTenant);
    const head = headOf(shape, complete, options.now());
    const givenContext = shape.context(event.context);
    assertSound(shape.complaints, complete.tenantId);
    const context = contextOf(origin.context ?? {}, givenContext, secrets);
    const { values, bytes } = valuesOf(event, secrets, options.valueBytes);
    const draft = { ...redactedNames(head, secrets), ...(context && { context }), ...values };
    return { draft, occurredAtGiven: event.occurredAt !== undefined, bytes: BASE_BYTES + bytes };
  };
  return Object.assign(record, { secrets });
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
    const alone = complaints.none;
    complaints.missing('tenantId', 'give it, let `identify` find it in the request, or set `defaultTenant`');
    if (alone) complaints.assertNone('TENANT_REQUIRED', subject);
  }
  complaints.assertNone('INVALID_EVENT', subject);
}

function checkOwnership(
  shape: Shape,
  { action, tenantId }: AuditEvent,
  actions: readonly string[] | undefined,
): void {
  if (tenantId === SYSTEM_TENANT) shape.complain('tenantId', `another than the ledger's own`, tenantId);
  if (typeof action !== 'string') return;
  if (action.startsWith('ledger.')) shape.complain('action', `another than the ledger's own`, action);
  else if (actions && !actions.includes(action))
    shape.complain('action', `one of ${actions.join(', ')}`, action);
}

/** The event with what it leaves out. A request that says it belongs to the ledger itself has no tenant. */
function withOrigin(event: AuditEvent, origin: Origin, defaultTenant: string | undefined): AuditEvent {
  const { tenantId = origin.tenantId === SYSTEM_TENANT ? undefined : origin.tenantId, actor = origin.actor } =
    event;
  return { ...event, actor, tenantId: tenantId === undefined ? defaultTenant : tenantId };
}

/** The members of a draft that name things, whole when the shape has no complaints. */
function headOf(shape: Shape, event: AuditEvent, now: number): Draft {
  shape.complaints.unknownFields(event, FIELDS);
  if ((event.action as unknown) === undefined)
    shape.complaints.missing('action', 'say what happened, such as `org.member.invite`');
  const actor = shape.actor(event.actor) ?? ANONYMOUS;
  const resource = shape.resource(event.resource);
  return present({
    v: 1 as const,
    tenantId: shape.key('tenantId', event.tenantId, 256),
    id: shape.key('id', event.id, 128) ?? uuidv7(),
    occurredAt: new Date(shape.instant('occurredAt', event.occurredAt) ?? now).toISOString(),
    actor: actor.id,
    actorType: actor.type as Draft['actorType'],
    actorName: actor.name,
    onBehalfOf: actor.onBehalfOf,
    action: shape.text('action', event.action, 1, 256),
    resource: resource?.id,
    resourceType: resource?.type,
    resourceName: resource?.name,
    outcome: shape.outcome(event.outcome) ?? 'success',
  }) as Draft; // what is missing or wrong is among the complaints
}

/** Names come from outside as well: an application that takes a token for its user's id must not store it. */
function redactedNames(head: Draft, secrets: Secrets): Draft {
  const redacted = { ...head };
  for (const member of [
    'actor',
    'actorName',
    'onBehalfOf',
    'resource',
    'resourceType',
    'resourceName',
  ] as const) {
    const text = redacted[member];
    if (text !== undefined && secrets.isText(text)) redacted[member] = REDACTED;
  }
  return redacted;
}

function valuesOf(
  event: AuditEvent,
  secrets: Secrets,
  maxBytes: number,
): { values: Partial<Draft>; bytes: number } {
  const values: Partial<Draft> = {};
  let bytes = 0;
  for (const member of ['metadata', 'before', 'after'] as const) {
    const json = event[member] === undefined ? undefined : convert(event[member], member, secrets);
    if (json === undefined || (member === 'metadata' && isEmpty(json))) continue;
    const limited = limit(json, maxBytes);
    values[member] = limited.json;
    bytes += limited.bytes;
  }
  return { values, bytes };
}

function isEmpty(json: Json): boolean {
  return json === null || (typeof json === 'object' && Object.keys(json).length === 0);
}
