import { Folder, foreignFolders, type OwnedFolder, readOwner } from './folder';

/** How often a process says that it lives and looks for folders of others, in milliseconds. */
const BEAT = 2_000;

/** After how long without a sign of life a process counts as gone where its number does not tell, in milliseconds. */
const SILENCE = 10_000;

export interface FolderWatchParts {
  readonly directory: string;
  beat(): void;
  /** Takes over the folder of a process that is gone. */
  adopt(folder: Folder): void;
  failed(error: unknown): void;
}

/** Keeps a process's folders its own, and finds those of processes that are gone. */
export class FolderWatch {
  private readonly timer: NodeJS.Timeout;
  /** Folders whose owners may live: when they last said so, and when this process first saw that. */
  private readonly seen = new Map<string, { touched: number; at: number }>();
  /** What there was trouble with, and has been told. */
  private readonly troubled = new Set<string>();

  constructor(private readonly spool: FolderWatchParts) {
    this.timer = setInterval(() => this.look(), BEAT).unref();
  }

  look(): void {
    this.attempt('', () => this.spool.beat());
    this.attempt(this.spool.directory, () => {
      for (const path of foreignFolders(this.spool.directory)) this.attempt(path, () => this.consider(path));
    });
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private consider(path: string): void {
    const left = readOwner(path);
    if (!left || (!left.isOwnerDead && !this.isSilent(left))) return;
    this.seen.delete(path);
    const folder = Folder.claim(left);
    if (folder) this.spool.adopt(folder);
  }

  /** One folder that cannot be read, such as another user's, must neither hide the others nor be told of at each look. */
  private attempt(subject: string, act: () => void): void {
    try {
      act();
      this.troubled.delete(subject);
    } catch (error) {
      if (!this.troubled.has(subject)) this.spool.failed(error);
      this.troubled.add(subject);
    }
  }

  /** By this process's own clock: those of other machines may be wrong. */
  private isSilent({ path, touched }: OwnedFolder): boolean {
    const seen = this.seen.get(path);
    const now = performance.now();
    if (seen?.touched === touched) return now - seen.at >= SILENCE;
    this.seen.set(path, { touched, at: now });
    return false;
  }
}
