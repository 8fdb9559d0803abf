import { AuditError, isAuditError } from '../errors';
import { quote } from '../util/quote';
import type { DraftedEvent } from '../event/drafter';
import type { Caller } from './pending-event';
import type { Folder } from './spool/folder';
import { type AbandonedEvent, AbandonedFolder } from './spool/abandoned-folder';
import type { Spool } from './spool/spool';
import { FolderWatch } from './spool/folder-watch';

/** What a recovery works with. */
export interface RecoveryParts {
  spool: Spool;
  /** Waits for capacity, then enqueues an event. False when the ledger is closed. */
  enqueue(drafted: DraftedEvent, caller: Caller): Promise<boolean>;
  /** Another process has claimed the spool folder of this one. */
  folderLost(): void;
  report(error: AuditError): void;
}

/** Records the events that dead processes left in the spool, each once. */
export class Recovery {
  private readonly watch: FolderWatch;
  /** Folders of dead processes that this process has claimed. */
  private readonly claimed = new Set<AbandonedFolder>();
  private recording: Promise<void> = Promise.resolve();

  constructor(private readonly parts: RecoveryParts) {
    this.watch = new FolderWatch({
      directory: parts.spool.directory,
      heartbeat: () => this.heartbeat(),
      claimed: (folder) => this.claimedFolder(folder),
      failed: (error) => this.fail(error),
    });
  }

  /** Scans the spool directory now; the watch does it periodically. */
  start(): void {
    this.watch.scan();
  }

  /** Abandons the claimed folders: the next process records their other events. */
  async stop(): Promise<void> {
    this.watch.stop();
    await this.recording;
    for (const folder of this.claimed) folder.abandon();
  }

  private heartbeat(): void {
    for (const folder of this.claimed) if (!folder.touch()) this.claimed.delete(folder);
    if (!this.parts.spool.touch()) this.parts.folderLost();
  }

  private claimedFolder(folder: Folder): void {
    const abandoned = new AbandonedFolder(folder, (error) => this.parts.report(error));
    this.claimed.add(abandoned);
    this.recording = this.recording.then(() => this.record(abandoned));
  }

  private async record(folder: AbandonedFolder): Promise<void> {
    try {
      for await (const event of folder.events()) {
        if (!(await this.parts.enqueue(event.drafted, this.callerFor(event, folder)))) return;
      }
    } catch (error) {
      this.fail(error);
    }
  }

  private callerFor({ drafted, segments }: AbandonedEvent, folder: AbandonedFolder): Caller {
    return {
      recorded: () => this.release(folder, segments),
      failed: (error) => {
        if (error.code === 'CLOSED') return; // it stays in the folder
        this.parts.report(cannotRecord(drafted, error));
        if (error.code === 'EVENT_REFUSED') return; // the next start tries again: the database may take it then
        this.release(folder, segments);
      },
    };
  }

  private release(folder: AbandonedFolder, segments: ReadonlySet<string>): void {
    try {
      if (folder.release(segments)) this.claimed.delete(folder);
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(cause: unknown): void {
    if (isAuditError(cause)) return this.parts.report(cause);
    const why = cause instanceof Error ? cause.message : String(cause);
    const what = `What was left in the spool in ${this.parts.spool.directory} cannot be read or removed: ${why}`;
    this.parts.report(new AuditError('SPOOL_DAMAGED', `${what}.`, { cause }));
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
