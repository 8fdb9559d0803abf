import { AuditError, isAuditError } from '../errors';
import { quote } from '../util/quote';
import type { DraftedEvent } from '../event/drafter';
import type { Caller } from './pending';
import type { Folder } from './spool/folder';
import { type AbandonedEvent, AbandonedFolder } from './spool/abandoned-folder';
import type { Spool } from './spool/spool';
import { FolderWatch } from './spool/folder-watch';

/** What a recovery works with. */
export interface RecoveryParts {
  spool: Spool;
  /** Queues an event, once there is room; false when the ledger is closed. */
  accept(drafted: DraftedEvent, caller: Caller): Promise<boolean>;
  /** Another process has taken over what this one had in the spool. */
  lost(): void;
  report(error: AuditError): void;
}

/** Records what processes that are gone left in the spool, each event once. */
export class Recovery {
  private readonly watch: FolderWatch;
  private readonly taken = new Set<AbandonedFolder>();
  private working: Promise<void> = Promise.resolve();

  constructor(private readonly parts: RecoveryParts) {
    this.watch = new FolderWatch({
      directory: parts.spool.directory,
      beat: () => this.beat(),
      adopt: (folder) => this.adopt(folder),
      failed: (error) => this.fail(error),
    });
  }

  /** Looks for what was left, now; it is looked for from time to time as well. */
  start(): void {
    this.watch.look();
  }

  /** What is not recorded yet is left to the next process. */
  async stop(): Promise<void> {
    this.watch.stop();
    await this.working;
    for (const remains of this.taken) remains.leave();
  }

  private beat(): void {
    for (const remains of this.taken) if (!remains.touch()) this.taken.delete(remains);
    if (!this.parts.spool.touch()) this.parts.lost();
  }

  private adopt(folder: Folder): void {
    const remains = new AbandonedFolder(folder, (error) => this.parts.report(error));
    this.taken.add(remains);
    this.working = this.working.then(() => this.record(remains));
  }

  private async record(remains: AbandonedFolder): Promise<void> {
    try {
      for await (const left of remains.events()) {
        if (!(await this.parts.accept(left.drafted, this.callerFor(left, remains)))) return;
      }
    } catch (error) {
      this.fail(error);
    }
  }

  private callerFor({ drafted, segments }: AbandonedEvent, remains: AbandonedFolder): Caller {
    return {
      recorded: () => this.settled(remains, segments),
      failed: (error) => {
        if (error.code === 'CLOSED') return; // it is left where it is
        this.parts.report(cannotRecord(drafted, error));
        this.settled(remains, segments);
      },
    };
  }

  private settled(remains: AbandonedFolder, segments: ReadonlySet<string>): void {
    try {
      if (remains.settled(segments)) this.taken.delete(remains);
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(cause: unknown): void {
    if (isAuditError(cause)) return this.parts.report(cause);
    const why = cause instanceof Error ? cause.message : String(cause);
    const what = `What was left in the spool in ${this.parts.spool.directory} cannot be read or removed: ${why}`;
    this.parts.report(new AuditError('UNREADABLE', `${what}.`, { cause }));
  }
}

function cannotRecord({ draft }: DraftedEvent, cause: AuditError): AuditError {
  const name = `The event ${quote(draft.id)} of the tenant ${quote(draft.tenantId)}`;
  return new AuditError(
    cause.code,
    `${name}, which was left in the spool, was not recorded: ${cause.message}`,
    { cause },
  );
}
