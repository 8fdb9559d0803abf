import type { EventName } from '../errors';
import type { Caller } from '../write/pending-event';

/** An accepted event as it will be sent. */
export interface Outgoing extends EventName {
  readonly action: string;
  /** When it was accepted, by the clock that is not set. */
  readonly since: number;
  /** Its JSON. */
  readonly text: string;
  readonly bytes: number;
  /** Whether `occurredAt` is the client's word beside the application's `id`: a repetition of that may have another. */
  readonly isStamped: boolean;
  /** When it is given up, by the clock that is not set. */
  readonly deadline: number;
  readonly caller: Caller;
  /** Lets go of what a spool keeps of it. */
  readonly release: (() => void) | null;
}

/** The events of one tenant. While some of them are under way, the others wait: that keeps their order. */
interface Lane {
  waiting: Outgoing[];
  isUnderWay: boolean;
}

/** Bounds of one group. */
export interface GroupLimits {
  events: number;
  bytes: number;
}

/** The queue of each tenant, and what may be sent next. */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  #waiting = 0;

  /** Events that wait. */
  get size(): number {
    return this.#waiting;
  }

  /** Events of a tenant that wait. */
  sizeOf(tenantId: string): number {
    return this.#lanes.get(tenantId)?.waiting.length ?? 0;
  }

  push(event: Outgoing): void {
    const { tenantId } = event;
    const lane = this.#lanes.get(tenantId) ?? { waiting: [], isUnderWay: false };
    this.#lanes.set(tenantId, lane);
    lane.waiting.push(event);
    this.#waiting++;
  }

  /**
   * Takes what goes into one request, of tenants that have nothing under way; a tenant that was served goes to the end. A
   * first event of any size fits.
   */
  take({ events, bytes }: GroupLimits): Outgoing[] {
    const group: Outgoing[] = [];
    let size = 0;
    for (const [tenantId, lane] of [...this.#lanes]) {
      if (lane.isUnderWay) continue;
      let count = 0;
      for (const event of lane.waiting) {
        if (group.length + count >= events || (size > 0 && size + event.bytes > bytes)) break;
        size += event.bytes;
        count++;
      }
      if (count === 0) continue;
      group.push(...lane.waiting.splice(0, count));
      lane.isUnderWay = true;
      this.#lanes.delete(tenantId);
      this.#lanes.set(tenantId, lane);
    }
    this.#waiting -= group.length;
    return group;
  }

  /** All events of a group are settled: what waits behind them may go. */
  release(group: readonly Outgoing[]): void {
    for (const { tenantId } of group) {
      const lane = this.#lanes.get(tenantId);
      if (!lane) continue;
      lane.isUnderWay = false;
      if (lane.waiting.length === 0) this.#lanes.delete(tenantId);
    }
  }

  /** Takes out what waits and meets a condition, from the beginning of each lane. */
  drop(isDropped: (event: Outgoing) => boolean): Outgoing[] {
    const dropped: Outgoing[] = [];
    for (const lane of this.#lanes.values()) {
      const kept = lane.waiting.findIndex((event) => !isDropped(event));
      // One by one: there may be more than a call takes arguments.
      for (const event of lane.waiting.splice(0, kept < 0 ? lane.waiting.length : kept)) dropped.push(event);
    }
    this.#waiting -= dropped.length;
    return dropped;
  }
}
