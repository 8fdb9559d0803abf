import type { AuditError } from '../errors';
import type { LifeCycle } from './life-cycle';
import type { Limits } from './limits';
import type { DraftedEvent } from '../event/drafter';
import type { Signals } from './signals';
import type { Session, Store, SubjectItem } from '../store/store';
import { withTimeout } from '../util/timeout';
import { Alarm } from './alarm';
import { CONFLICT_ACTION, conflictOf, conflictOfMany } from './conflict';
import { limitKept, withoutAuthority } from '../event/kept-draft';
import { sha256 } from '../crypto/node';
import { Folding, type Repeatable } from './folding';
import { Outbox, type OutboxStats, type Stash } from './outbox';
import type { Caller } from './pending-event';
import { Recovery } from './recovery';
import { openSpool } from './spool/open-spool';
import type { Spool, SpoolOptions } from './spool/spool';
import { Strangers } from './strangers';
import type { QueueStats } from './queue-stats';
import { Writer } from './writer';

/** Numbers for a health endpoint. */
export interface WriteStats extends QueueStats {
  outbox: OutboxStats;
}

/** What recording works with. */
export interface RecordingParts {
  store: Store;
  signals: Signals;
  limits: Limits;
  isReadOnly: boolean;
  spool: SpoolOptions | undefined;
  lifeCycle: LifeCycle;
  clock: { now(): number; random(): number };
}

/** All ways into the chains: the queue with its spool, the outbox, and the folding of what clients repeat. */
export class Recording {
  readonly writer: Writer;
  /** Tells tenants from names that clients made up. */
  readonly strangers: Strangers;
  private readonly folding: Folding;
  private readonly outbox: Outbox;
  private readonly spool: Spool | null;
  private readonly recovery: Recovery | null;
  private readonly store: Store;
  private readonly signals: Signals;
  private readonly lifeCycle: LifeCycle;

  /** @throws AuditError `INVALID_OPTIONS` when the spool's directory cannot be used. */
  constructor({ store, signals, limits, isReadOnly, spool, lifeCycle, clock }: RecordingParts) {
    this.store = store;
    this.lifeCycle = lifeCycle;
    const report = (error: AuditError) => lifeCycle.failed(error);
    this.spool = spool ? openSpool(spool, limits.spoolBytes, report) : null;
    const alarm = new Alarm(lifeCycle, () => clock.now());
    this.writer = new Writer({
      store,
      signals,
      limits,
      listener: lifeCycle,
      alarm,
      isReadOnly,
      spool: this.spool,
      clock,
      found: (tenantId) => this.strangers.find(tenantId),
      conflicted: (drafted) => this.recordConflict(drafted),
    });
    const exists = async (tenantId: string) => store.isOpen() && (await store.head(tenantId)) !== null;
    this.strangers = new Strangers(exists, () => clock.now());
    this.signals = signals;
    const failed = (error: AuditError) => signals.error(error);
    this.folding = new Folding(
      clock,
      this.spool,
      (drafted, recorded) => this.writer.enqueue(drafted, 'counted', { recorded, failed }) === 'spool',
    );
    const enqueue = (drafted: DraftedEvent, caller: Caller) => this.writer.enqueueKept(drafted, caller);
    this.outbox = new Outbox({
      clock,
      store,
      enqueue,
      failed: (error, event) => lifeCycle.failed(error, { event }),
      alarm,
    });
    const folderLost = () => this.rewriteSpool();
    const admit = (drafted: DraftedEvent) => limitKept(withoutAuthority(drafted), sha256);
    this.recovery = this.spool && new Recovery({ spool: this.spool, enqueue, admit, folderLost, report });
  }

  /** Starts to record the events that earlier processes left in the outbox and the spool. */
  start(): void {
    this.recovery?.start();
    this.outbox.start();
  }

  /** Records an event of the ledger itself, which must not be refused. */
  recordOwn(drafted: DraftedEvent): void {
    const failed = (error: AuditError) => {
      if (error.code !== 'CLOSED') this.signals.error(error);
    };
    this.writer.enqueue(drafted, 'own', { recorded: () => undefined, failed });
  }

  /**
   * Records an event that clients can repeat. Counts it instead when it is repeated, or when the queue is full.
   * @throws AuditError `CLOSED`.
   */
  fold(event: Repeatable, caller: Caller): void {
    this.folding.add(event, (drafted) => this.writer.enqueue(drafted, 'caller', caller) !== 'refused');
  }

  /** An event whose id was taken leaves an entry of its own, which says what was tried; many of them are folded. */
  private recordConflict(drafted: DraftedEvent): void {
    const { tenantId, action, actor } = drafted.draft;
    if (this.writer.isClosed || action === CONFLICT_ACTION) return;
    const key = { tenantId, action: CONFLICT_ACTION, actor, network: '', route: '' };
    const failed = (error: AuditError) => this.signals.error(error);
    const event = { key, draft: () => conflictOf(drafted), draftOfMany: () => conflictOfMany(drafted) };
    this.fold(event, { recorded: () => undefined, failed });
  }

  /** Whether it accepts nothing more. */
  get isClosed(): boolean {
    return this.writer.isClosed;
  }

  /** @throws AuditError `CLOSED`. */
  assertOpen(): void {
    this.writer.assertOpen();
  }

  /** Writes events to the outbox, in a session's transaction. They enter the chain after the commit. */
  async stashAll(drafted: readonly DraftedEvent[], session: Session): Promise<void> {
    this.writer.assertOpen();
    await this.outbox.add(drafted, session, this.writer.ready());
  }

  /** Makes sure that a transaction which begins after this finds the outbox. */
  async ready(): Promise<void> {
    this.writer.assertOpen();
    await this.writer.ready();
  }

  /** See `OutboxStore.readSubjects`. */
  subjects(subjects: readonly string[], session: Session): Promise<SubjectItem[]> {
    return this.store.readSubjects(subjects, session);
  }

  /** See `Outbox.addAll`. */
  async stashChanges(stashes: readonly Stash[], session: Session): Promise<void> {
    this.writer.assertOpen();
    await this.outbox.addAll(stashes, session);
  }

  /** @throws AuditError `STORE_UNAVAILABLE`. */
  async flush(timeoutMs?: number): Promise<void> {
    this.folding.flush();
    await withTimeout(timeoutMs ?? Infinity, this.outbox.handingOver());
    await this.writer.flush(timeoutMs);
  }

  /**
   * The same for single events, for who follows each request: what is being counted is counted on.
   * @throws AuditError `STORE_UNAVAILABLE`.
   */
  async settle(timeoutMs: number): Promise<void> {
    await this.writer.flush(timeoutMs);
  }

  /** Begins anew on a store that was emptied, while no event is queued. */
  forget(): void {
    this.folding.forget();
    this.writer.forget();
  }

  /** @throws AuditError `STORE_UNAVAILABLE`. */
  async close(timeoutMs?: number): Promise<void> {
    this.folding.stop();
    this.outbox.stop();
    if (this.store.isOpen()) this.lifeCycle.stopped(); // the last event, after the folded ones
    try {
      await this.writer.close(timeoutMs);
      await this.outbox.remove();
    } finally {
      await this.recovery?.stop();
      this.spool?.close();
    }
  }

  stats(): WriteStats {
    return { ...this.writer.stats(), outbox: this.outbox.stats() };
  }

  private rewriteSpool(): void {
    this.folding.flush();
    this.writer.rewriteSpool();
  }
}
