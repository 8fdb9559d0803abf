import type { Receipt } from '../chain/entry';
import type { AuditEvent } from '../event/event';
import type { DraftedEvent } from '../event/drafter';
import { Capacity } from './capacity';
import type { Writer } from './writer';
import type { WriteLimits } from './limits';

/** What `commit` gives: one receipt for each event, in call order. */
export interface CommittedBatch {
  count: number;
  receipts: Receipt[];
}

/** Many events, any mix of tenants, recorded together: for imports and migrations. */
export class Batch<Action extends string = string> {
  private readonly drafts: DraftedEvent[] = [];
  private readonly receipts = new Map<DraftedEvent, Receipt>();
  private committing: Promise<CommittedBatch> | null = null;

  constructor(
    private readonly draft: (event: AuditEvent) => DraftedEvent,
    private readonly writer: Writer,
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
   * Records all events, waiting for room in the queue. After a failure it may be called again, and stores nothing twice.
   * @throws AuditError the first that an event failed with, once the others are through.
   */
  async commit(): Promise<CommittedBatch> {
    this.committing ??= this.record().finally(() => (this.committing = null));
    return this.committing;
  }

  private async record(): Promise<CommittedBatch> {
    const failures: unknown[] = [];
    const left = this.drafts.filter((draft) => !this.receipts.has(draft));
    await this.submitAll(left, failures);
    if (failures.length > 0) throw failures[0];
    const receipts = this.drafts.map((draft) => this.receipts.get(draft) as Receipt);
    return { count: receipts.length, receipts };
  }

  /** At most two inserts' worth, and half of the queue, at a time: other callers keep their room. */
  private async submitAll(drafts: DraftedEvent[], failures: unknown[]): Promise<void> {
    const { batch, queueEvents, queueBytes } = this.limits;
    const window = new Capacity(Math.min(2 * batch, queueEvents / 2), queueBytes / 2);
    let open = 0;
    for (const draft of drafts) {
      while (!window.tryReserve(draft.bytes)) await window.released();
      const room = this.writer.capacityFor(draft.bytes);
      if (room) await room;
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
