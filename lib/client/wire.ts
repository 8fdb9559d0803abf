import { isHash, type Receipt } from '../chain/entry';
import type { DraftedEvent } from '../event/drafter';
import { isObject } from '../util/complaints';
import { utf8Length } from '../util/utf8';

/** A drafted event, and what is sent of it. */
export interface SerializedEvent extends DraftedEvent {
  /** Its JSON, of `bytes` bytes. */
  text: string;
  /** Whether `occurredAt` is the client's word beside the application's `id`. */
  isStamped: boolean;
}

/**
 * An event made ready to be sent.
 * @param isNamed whether the application gave its `id`
 */
export function serialize(drafted: DraftedEvent, isNamed: boolean): SerializedEvent {
  const text = eventText(drafted);
  return { ...drafted, text, bytes: utf8Length(text), isStamped: isNamed && !drafted.occurredAtGiven };
}

/** The body of a request. */
export function requestText(events: readonly { text: string; isStamped: boolean }[]): string {
  const stamped = events.flatMap(({ isStamped }, index) => (isStamped ? [index] : []));
  const member = stamped.length > 0 ? `,"stamped":[${stamped.join()}]` : '';
  return `{"events":[${events.map(({ text }) => text).join()}]${member}}`;
}

/** The JSON of a drafted event as a collector takes it; drafted again there, it is the same. */
function eventText({ draft }: DraftedEvent): string {
  const { v, actor, actorType, actorName, onBehalfOf, resource, resourceType, resourceName, ...same } = draft;
  const named = [resource, resourceType, resourceName].some((part) => part !== undefined);
  return JSON.stringify({
    ...same,
    actor: { id: actor, type: actorType, name: actorName, onBehalfOf },
    resource: named ? { id: resource, type: resourceType, name: resourceName } : undefined,
  });
}

/** Whether a value is the receipt of that event. Of what is between, a proxy or a cache may have answered. */
export function isReceiptFor(value: unknown, name: { tenantId: string; id: string }): value is Receipt {
  if (!isObject(value)) return false;
  const { id, tenantId, seq, hash, recordedAt } = value;
  const isNamed = id === name.id && tenantId === name.tenantId;
  return isNamed && Number.isSafeInteger(seq) && isHash(hash) && typeof recordedAt === 'string';
}
