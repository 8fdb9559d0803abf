import type { Receipt } from '../chain/entry';
import type { AuditError } from '../errors';
import { isObject } from '../util/complaints';
import { delay, OUTAGE } from '../write/backoff';
import type { Outgoing } from './lanes';
import { isPassing, readRefusal, refusalOf, type Refusal, toError } from './problem';
import { monotonicNow, pause } from './timers';
import type { Reply } from './reply';
import { type Transport, unreachable } from './transport';
import { isReceiptFor, requestText } from './wire';

/** What a delivery works with. */
export interface DeliveryParts {
  transport: Pick<Transport, 'once'>;
  /** Ends all tries and waits. */
  signal: AbortSignal;
  recorded(event: Outgoing, receipt: Receipt): void;
  failed(event: Outgoing, error: AuditError): void;
  retried(events: readonly Outgoing[], attempt: number, cause: unknown): void;
}

/** What one try leaves to do. */
interface Rest {
  /** To be tried again after a while, and what they fail with when their time is up. */
  again: readonly Outgoing[];
  error: AuditError | null;
  /** Milliseconds that the collector asks to wait. */
  retryAfter: number;
  /** To be sent on their own, one after the other: what was refused is looked for. */
  parts: readonly (readonly Outgoing[])[];
}

/** What the errors of events begin with. */
export const UNRECORDED = 'The event was not recorded';

const NOTHING: Rest = { again: [], error: null, retryAfter: 0, parts: [] };

/** Sends groups of events until each event is settled. What is refused fails alone, and is never sent again. */
export class Delivery {
  readonly #parts: DeliveryParts;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Resolves when all are settled, or it was ended; never rejects. */
  async deliver(group: readonly Outgoing[]): Promise<void> {
    const { signal } = this.#parts;
    let left = group;
    for (let attempt = 0; left.length > 0 && !signal.aborted; attempt++) {
      const { again, error, retryAfter, parts } = await this.#try(left);
      for (const part of parts) await this.deliver(part);
      if (!error) return;
      left = this.#failLate(again, error);
      if (left.length === 0) return;
      this.#parts.retried(left, attempt + 1, error);
      await pause(this.#waitBefore(left, attempt, retryAfter), signal);
    }
  }

  async #try(events: readonly Outgoing[]): Promise<Rest> {
    const asked = { path: '/events', method: 'POST', body: requestText(events) } as const;
    try {
      const reply = await this.#parts.transport.once(asked, remaining(events), this.#parts.signal);
      return reply.status < 300 ? this.#readResults(events, reply) : this.#readRefusal(events, reply);
    } catch (error) {
      // It may have arrived: the id that each event has makes the repetition harmless.
      return { ...NOTHING, again: events, error: unreachable(UNRECORDED, error) };
    }
  }

  /** An answer that is none of a collector's, or that was cut, says nothing of any event. */
  #readResults(events: readonly Outgoing[], { json, status, retryAfter }: Reply): Rest {
    const results: unknown = isObject(json) ? json['results'] : undefined;
    if (!Array.isArray(results) || results.length !== events.length)
      return { ...NOTHING, again: events, error: unreadable(status) };
    const again: Outgoing[] = [];
    let error: AuditError | null = null;
    for (const [i, event] of events.entries()) {
      const { receipt, error: refused } = isObject(results[i]) ? results[i] : {};
      if (isReceiptFor(receipt, event)) {
        this.#parts.recorded(event, receipt);
        continue;
      }
      const refusal = isObject(refused) ? readRefusal(refused, 500) : null;
      const reason = refusal ? eventError(refusal) : unreadable(status);
      if (refusal && !isPassing(refusal)) this.#parts.failed(event, reason);
      else {
        again.push(event);
        error = reason;
      }
    }
    return { ...NOTHING, again, error, retryAfter };
  }

  #readRefusal(events: readonly Outgoing[], reply: Reply): Rest {
    const refusal = refusalOf(reply);
    const error = eventError(refusal);
    if (isPassing(refusal)) return { ...NOTHING, again: events, error, retryAfter: reply.retryAfter };
    const refused = new Map(refusal.errors.map(({ index, refusal }) => [events[index], refusal]));
    const others = events.filter((event) => !refused.has(event));
    if (others.length < events.length) {
      for (const [event, why] of refused) if (event) this.#parts.failed(event, eventError(why));
      return { ...NOTHING, parts: [others] };
    }
    const parts = events.length > 1 ? split(events, refusal) : [];
    if (parts.length < 2) for (const event of events) this.#parts.failed(event, error);
    return parts.length < 2 ? NOTHING : { ...NOTHING, parts };
  }

  /** Fails those whose time is up, and gives the others. */
  #failLate(events: readonly Outgoing[], error: AuditError): Outgoing[] {
    const now = monotonicNow();
    for (const event of events) if (event.deadline <= now) this.#parts.failed(event, error);
    return events.filter(({ deadline }) => deadline > now);
  }

  /** The last try is made when the time of the newest is just up. */
  #waitBefore(events: readonly Outgoing[], attempt: number, retryAfter: number): number {
    const wait = Math.max(delay(OUTAGE, attempt, Math.random()), retryAfter);
    return Math.min(wait, Math.max(0, remaining(events)));
  }
}

function eventError(refusal: Refusal): AuditError {
  return toError(refusal, UNRECORDED, 'INVALID_EVENT');
}

/** Milliseconds until the last of them is given up. */
function remaining(events: readonly Outgoing[]): number {
  return Math.max(...events.map(({ deadline }) => deadline)) - monotonicNow();
}

/** Smaller groups, where a refusal is about some of the events and does not say which. */
function split(events: readonly Outgoing[], { status }: Refusal): Outgoing[][] {
  if (status === 403) return byTenant(events);
  if (status !== 400 && status !== 413 && status !== 422) return [];
  const half = Math.ceil(events.length / 2);
  return [events.slice(0, half), events.slice(half)];
}

function unreadable(status: number): AuditError {
  return unreachable(UNRECORDED, new Error(`the answer with status ${status} is none of a collector's`));
}

function byTenant(events: readonly Outgoing[]): Outgoing[][] {
  const groups = new Map<string, Outgoing[]>();
  for (const event of events) groups.set(event.tenantId, [...(groups.get(event.tenantId) ?? []), event]);
  return [...groups.values()];
}
