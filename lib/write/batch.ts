import type { Receipt } from '../chain/entry';
import type { AuditEvent } from '../event/event';
import type { DraftedEvent } from '../event/drafter';
import { Capacity } from './capacity';
import type { Writer } from './writer';
import type { WriteLimits } from './limits';

/** The result of `commit`: one receipt for each event, in call order. */
export interface CommittedBatch {
  count: number;
  receipts: Receipt[];
}

/** What a batch needs of a queue. */
export type BatchQueue = Pick<Writer, 'accept' | 'capacityFor' | 'endGathering'>;

/** Many events of any tenants that are recorded together: for imports and migrations. */
export class Batch<Action extends string = string> {
  private readonly drafts: DraftedEvent[] = [];
  private readonly receipts = new Map<DraftedEvent, Receipt>();
  private committing: Promise<CommittedBatch> | null = null;

  constructor(
    private readonly draft: (event: AuditEvent) => DraftedEvent,
    private readonly writer: BatchQueue,
    private readonly limits: WriteLimits,
  ) {}

  /** Events added so far. */
  get size(): number {
    return this.drafts.length;
  }

  /**
   * Adds an event; nothing is stored before `commit`.
   * @throws AuditError `INVALID_EVENT`, `TENANT_REQUIRED`: the batch is as it was before the call.
   */
  event(event: AuditEvent<Action>): this {
    this.drafts.push(this.draft(event));
    return this;
  }

  /**
   * Records all events, and waits when the queue is full. It may be called again after a failure: nothing is stored twice.
   * @throws AuditError the first error of an event, after all other events are settled.
   */
  async commit(): Promise<CommittedBatch> {
    this.committing ??= this.record().finally(() => (this.committing = null));
    return this.committing;
  }

  private async record(): Promise<CommittedBatch> {
    const failures: unknown[] = [];
    const unrecorded = this.drafts.filter((draft) => !this.receipts.has(draft));
    await this.submitAll(unrecorded, failures);
    if (failures.length > 0) throw failures[0];
    const receipts = this.drafts.map((draft) => this.receipts.get(draft) as Receipt);
    return { count: receipts.length, receipts };
  }

  /** Submits at most two inserts, and half of the queue, at a time: the rest stays free for other callers. */
  private async submitAll(drafts: DraftedEvent[], failures: unknown[]): Promise<void> {
    const { batch, queueEvents, queueBytes } = this.limits;
    const window = new Capacity(Math.min(2 * batch, queueEvents / 2), queueBytes / 2);
    let open = 0;
    for (const draft of drafts) {
      while (!window.tryReserve(draft.bytes)) await window.released();
      const capacity = this.writer.capacityFor(draft.bytes);
      if (capacity) await capacity;
      if (failures.length > 0) break;
      open++;
      this.submit(draft, failures, () => {
        open--;
        window.release(draft.bytes);
      });
    }
    while (open > 0) await window.released();
  }

  private submit(draft: DraftedEvent, failures: unknown[], done: () => void): void {
    const failed = (error: unknown) => {
      failures.push(error);
      done();
    };
    const recorded = (receipt: Receipt) => {
      this.receipts.set(draft, receipt);
      done();
    };
    try {
      this.writer.accept(draft, { recorded, failed });
      this.writer.endGathering(draft.draft.tenantId);
    } catch (error) {
      failed(error);
    }
  }
}
