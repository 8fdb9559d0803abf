import type { AuditEvent } from '../event/event';
import type { DraftedEvent } from '../event/drafter';
import type { PendingReceipt } from './outbox';

/** The result of `commit`: one receipt for each event, in call order. */
export interface StashedBatch {
  count: number;
  receipts: PendingReceipt[];
}

/** Many events that are written in the caller's transaction, and enter the chains right after its commit. */
export class SessionBatch<Action extends string = string> {
  private readonly drafts: DraftedEvent[] = [];
  private stashed = 0;

  constructor(
    private readonly draft: (event: AuditEvent) => DraftedEvent,
    private readonly stash: (drafted: readonly DraftedEvent[]) => Promise<void>,
  ) {}

  /** Events added so far. */
  get size(): number {
    return this.drafts.length;
  }

  /**
   * Adds an event; nothing is written before `commit`.
   * @throws AuditError `INVALID_EVENT`, `TENANT_REQUIRED`: the batch is as it was before the call.
   */
  event(event: AuditEvent<Action>): this {
    this.drafts.push(this.draft(event));
    return this;
  }

  /**
   * Writes what was added in the transaction: await it before you commit that. Errors of the database are as they are: their
   * labels say whether the transaction may be tried again. Then everything is tried again with a new batch.
   */
  async commit(): Promise<StashedBatch> {
    const added = this.drafts.slice(this.stashed);
    if (added.length > 0) await this.stash(added);
    this.stashed += added.length;
    const receipts = this.drafts.map(({ draft: { id, tenantId } }): PendingReceipt => {
      return { id, tenantId, seq: null, hash: null, recordedAt: null };
    });
    return { count: receipts.length, receipts };
  }
}
