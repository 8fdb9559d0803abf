import { AuditError } from '../errors';
import { quote } from '../quote';
import type { Pending } from './pending';

/** Events named in the error's message; all are in its `events`. */
const NAMED = 5;

/** Follows the events that were under way when it was made, until each is durable or has failed. */
export class Flush {
  /** Resolves when none is under way any more. */
  readonly settled: Promise<void>;
  private readonly waiting: Set<Pending>;
  private readonly failed: Pending[] = [];
  private settle: () => void = () => undefined;

  constructor(pending: Iterable<Pending>) {
    this.waiting = new Set(pending);
    this.settled = new Promise((resolve) => (this.settle = resolve));
    if (this.waiting.size === 0) this.settle();
  }

  note(pending: Pending, durable: boolean): void {
    if (!this.waiting.delete(pending)) return;
    if (!durable) this.failed.push(pending);
    if (this.waiting.size === 0) this.settle();
  }

  /** @throws AuditError `STORE_UNAVAILABLE` with the `events` that are not durable. */
  assertDurable(): void {
    const events = [...this.waiting, ...this.failed].map(({ drafted: { draft } }) => ({
      tenantId: draft.tenantId,
      id: draft.id,
    }));
    if (events.length === 0) return;
    const named = events.slice(0, NAMED).map(({ tenantId, id }) => `${quote(tenantId)}/${quote(id)}`);
    const list = named.join(', ') + (events.length > NAMED ? ', …' : '');
    throw new AuditError('STORE_UNAVAILABLE', `${events.length} events are not durable: ${list}.`, {
      events,
    });
  }
}
