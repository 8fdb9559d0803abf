import { Folder, foreignFolders, type OwnedFolder, readOwner } from './folder';
import { assertOwnFolder } from './own-folder';

/** Time between two heartbeats of this process, each with a scan for folders of dead ones, in milliseconds. */
const INTERVAL = 2_000;

/** A process whose id tells nothing counts as dead after so long without a heartbeat, in milliseconds. */
const SILENCE = 10_000;

export interface FolderWatchParts {
  readonly directory: string;
  heartbeat(): void;
  /** This process has claimed the folder of a dead one. */
  claimed(folder: Folder): void;
  failed(error: unknown): void;
}

/** Sends heartbeats for the folders of this process, and claims the folders of dead ones. */
export class FolderWatch {
  private readonly timer: NodeJS.Timeout;
  /** Folders whose owners may be alive: the last heartbeat, and when this process first saw it. */
  private readonly seen = new Map<string, { touched: number; at: number }>();
  /** What failed at the last try; the error was reported. */
  private readonly failing = new Set<string>();

  constructor(private readonly parts: FolderWatchParts) {
    this.timer = setInterval(() => this.scan(), INTERVAL).unref();
  }

  scan(): void {
    this.attempt('', () => this.parts.heartbeat());
    this.attempt(this.parts.directory, () => {
      for (const path of foreignFolders(this.parts.directory))
        this.attempt(path, () => this.claimIfDead(path));
    });
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private claimIfDead(path: string): void {
    const owned = readOwner(path);
    if (!owned || (!owned.isOwnerDead && !this.isSilent(owned))) return;
    this.seen.delete(path);
    assertOwnFolder(path);
    const folder = Folder.claim(owned);
    if (folder) this.parts.claimed(folder);
  }

  /** A folder that cannot be read, such as another user's, must not hide the others. It is reported once. */
  private attempt(subject: string, act: () => void): void {
    try {
      act();
      this.failing.delete(subject);
    } catch (error) {
      if (!this.failing.has(subject)) this.parts.failed(error);
      this.failing.add(subject);
    }
  }

  /** Measured with the clock of this process: clocks of other machines may be wrong. */
  private isSilent({ path, touched }: OwnedFolder): boolean {
    const seen = this.seen.get(path);
    const now = performance.now();
    if (seen?.touched === touched) return now - seen.at >= SILENCE;
    this.seen.set(path, { touched, at: now });
    return false;
  }
}
