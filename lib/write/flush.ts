import { AuditError, type EventName } from '../errors';
import { quote } from '../util/quote';
import type { Caller } from './pending';

/** Events named in the error's message; all are in its `events`. */
const NAMED = 5;

/** Follows the events that were under way when it was made, until each is durable or has failed. */
export class Flush {
  /** Resolves when none is under way any more. */
  readonly settled: Promise<void>;
  private readonly unsettled: Map<Caller, EventName>;
  private readonly failed: EventName[] = [];
  private settle: () => void = () => undefined;

  constructor(accepted: ReadonlyMap<Caller, EventName>) {
    this.unsettled = new Map(accepted);
    this.settled = new Promise((resolve) => (this.settle = resolve));
    if (this.unsettled.size === 0) this.settle();
  }

  settleOne(caller: Caller, durable: boolean): void {
    const name = this.unsettled.get(caller);
    if (!name) return;
    this.unsettled.delete(caller);
    if (!durable) this.failed.push(name);
    if (this.unsettled.size === 0) this.settle();
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
