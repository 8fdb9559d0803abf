import { AuditError, type EventName } from '../errors';
import { quote } from '../util/quote';
import type { Caller } from './pending-event';

/** Events named in the error's message; its `events` has all of them. */
const NAMED = 5;

/** Follows the events that were unsettled when it was made, until each is settled: durable or failed. */
export class Flush {
  /** Resolves when all of them are settled. */
  readonly settled: Promise<void>;
  private readonly unsettled: Map<Caller, EventName>;
  private readonly failed: EventName[] = [];
  private resolve: () => void = () => undefined;

  constructor(unsettled: ReadonlyMap<Caller, EventName>) {
    this.unsettled = new Map(unsettled);
    this.settled = new Promise((resolve) => (this.resolve = resolve));
    if (this.unsettled.size === 0) this.resolve();
  }

  /** One event is settled. */
  settle(caller: Caller, durable: boolean): void {
    const name = this.unsettled.get(caller);
    if (!name) return;
    this.unsettled.delete(caller);
    if (!durable) this.failed.push(name);
    if (this.unsettled.size === 0) this.resolve();
  }

  /** Waits no longer: what is unsettled is not durable. */
  end(): void {
    this.resolve();
  }

  /** @throws AuditError `STORE_UNAVAILABLE` with the `events` that are not durable. */
  assertDurable(): void {
    const events = [...this.unsettled.values(), ...this.failed].map(({ tenantId, id }) => ({ tenantId, id }));
    if (events.length === 0) return;
    const named = events.slice(0, NAMED).map(({ tenantId, id }) => `${quote(tenantId)}/${quote(id)}`);
    const list = named.join(', ') + (events.length > NAMED ? ', …' : '');
    throw new AuditError('STORE_UNAVAILABLE', `${events.length} events are not durable: ${list}.`, {
      events,
    });
  }
}
