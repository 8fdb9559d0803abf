import {
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { newId } from '../../event/id';
import { isMissing, ignoreMissing } from './missing-file';
import { isOwnFile } from './own-folder';
import { isKnownDead, isOwnerName, NO_OWNER, newOwnerName } from './owner';

/** Enough digits for any number of segments, so that names sort like their numbers. */
const SEGMENT_DIGITS = 16;
const SEGMENT = /^\d{16}\.jsonl$/;

/** The form of `newId`: nothing else in the directory is claimed or removed. */
const FOLDER = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Folders that ledgers of this process own. */
const ours = new Set<string>();

/** One ledger's folder in the spool directory. When its process is dead, another process claims it. */
export class Folder {
  private constructor(
    readonly path: string,
    private readonly owner: string,
  ) {
    ours.add(path);
  }

  static create(directory: string): Folder {
    const path = join(directory, newId());
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const owner = join(path, newOwnerName());
    closeSync(openSync(owner, 'wx', 0o600));
    return new Folder(path, owner);
  }

  /** Claims a folder; null when another process was faster. Only one process can rename the owner file. */
  static claim({ path, owner }: OwnedFolder): Folder | null {
    const own = join(path, newOwnerName());
    try {
      if (owner === null) {
        rmdirSync(path); // its process died before it created the owner file, so there are no segments
        return null;
      }
      touchFile(join(path, owner)); // first, or a process that has seen the long silence would claim it from this one
      renameSync(join(path, owner), own);
      return new Folder(path, own);
    } catch (error) {
      if (isMissing(error) || (error as NodeJS.ErrnoException).code === 'ENOTEMPTY') return null;
      throw error;
    }
  }

  /** Heartbeat of the owner. False when another process has claimed the folder. */
  touch(): boolean {
    try {
      touchFile(this.owner);
      return true;
    } catch (error) {
      if (!isMissing(error)) throw error;
      ours.delete(this.path);
      return false;
    }
  }

  /** Names of the segments, oldest first. */
  segments(): string[] {
    return readdirSync(this.path)
      .filter((name) => SEGMENT.test(name) && isOwnFile(join(this.path, name)))
      .sort();
  }

  /** The path of a segment; the number counts from 1. */
  segmentPath(number: number): string {
    return join(this.path, `${String(number).padStart(SEGMENT_DIGITS, '0')}.jsonl`);
  }

  /** Gives up the folder, if this process still owns it. An empty one is removed; others can be claimed at once. */
  abandon(): void {
    ours.delete(this.path);
    ignoreMissing(() => {
      if (this.segments().length > 0) return renameSync(this.owner, join(this.path, NO_OWNER));
      unlinkSync(this.owner);
      rmdirSync(this.path);
    });
  }
}

/** A folder of another ledger. */
export interface OwnedFolder {
  path: string;
  /** The name of the owner file; null while the folder is created. */
  owner: string | null;
  /** The time of the last heartbeat, by the clock of the file system. */
  touched: number;
  /** Whether the owner is known to be dead. */
  isOwnerDead: boolean;
}

/** The paths of the folders of other ledgers. */
export function foreignFolders(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((item) => item.isDirectory() && FOLDER.test(item.name))
    .map(({ name }) => join(directory, name))
    .filter((path) => !ours.has(path));
}

/** Reads who owns a folder; null when it was just claimed, or removed. */
export function readOwner(path: string): OwnedFolder | null {
  try {
    const owner = readdirSync(path).find(isOwnerName) ?? null;
    const touched = lstatSync(owner === null ? path : join(path, owner)).mtimeMs;
    return { path, owner, touched, isOwnerDead: owner !== null && isKnownDead(owner) };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function touchFile(path: string): void {
  const now = new Date();
  utimesSync(path, now, now);
}
