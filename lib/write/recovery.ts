import { AuditError, isAuditError } from '../errors';
import { quote } from '../util/quote';
import type { DraftedEvent } from '../event/drafter';
import { clearTimeout, setTimeout } from '../real-timers';
import { Breather } from './breather';
import type { Caller } from './pending-event';
import type { Folder } from './spool/folder';
import { type AbandonedEvent, AbandonedFolder } from './spool/abandoned-folder';
import type { Spool } from './spool/spool';
import { FolderWatch } from './spool/folder-watch';

/** What a recovery works with. */
export interface RecoveryParts {
  spool: Spool;
  /** Waits for capacity, then enqueues an event. False when the ledger is closed, or the event's chain is held up. */
  enqueue(drafted: DraftedEvent, caller: Caller): Promise<boolean>;
  /**
   * What is to be recorded of an event.
   * @throws AuditError for one that no process of ours has left.
   */
  admit(drafted: DraftedEvent): DraftedEvent;
  /** Another process has claimed the spool folder of this one. */
  folderLost(): void;
  report(error: AuditError): void;
}

/** When the rest of a folder is tried again, in milliseconds. */
const AGAIN = 5_000;

/** Records the events that dead processes left in the spool, each once. */
export class Recovery {
  private readonly watch: FolderWatch;
  /** Folders of dead processes that this process has claimed. */
  private readonly claimed = new Set<AbandonedFolder>();
  private recording: Promise<void> = Promise.resolve();
  private readonly timers = new Set<NodeJS.Timeout>();
  private isStopped = false;

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
    this.isStopped = true;
    this.timers.forEach(clearTimeout);
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

  /** @param earlier segments of events that an earlier pass over the folder has left out */
  private async record(folder: AbandonedFolder, earlier: ReadonlySet<string>[] = []): Promise<void> {
    const left: ReadonlySet<string>[] = [];
    const breather = new Breather();
    try {
      for await (const event of folder.events()) {
        const drafted = this.admitted(event, folder);
        if (drafted && !(await this.parts.enqueue(drafted, this.callerFor(event, folder))))
          left.push(event.segments);
        await breather.breathe();
        if (this.isStopped) return;
      }
    } catch (error) {
      this.fail(error);
      return this.recordLater(folder, [...earlier, ...left]); // what was not read again is not recorded either
    }
    for (const segments of earlier) this.release(folder, segments);
    this.recordLater(folder, left);
  }

  /** Null for what is no event of ours: its line stays, beside the folder, and the folder's report tells of it. */
  private admitted({ drafted, segments }: AbandonedEvent, folder: AbandonedFolder): DraftedEvent | null {
    try {
      return this.parts.admit(drafted);
    } catch (error) {
      if (!isAuditError(error)) throw error;
      folder.keep(segments);
      this.release(folder, segments);
      return null;
    }
  }

  /** Some events are of a chain that is held up. Others must not wait for it: what is recorded by then is known by its id. */
  private recordLater(folder: AbandonedFolder, left: ReadonlySet<string>[]): void {
    if (left.length === 0 || this.isStopped) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.recording = this.recording.then(() => this.record(folder, left));
    }, AGAIN).unref();
    this.timers.add(timer);
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
